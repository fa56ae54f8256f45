//! The crowd: clients that are cut off and come back, and the one who speaks to them, on one loop.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use crampon::reactor::{Handler, Readiness, Scope, Timer};
use crampon_tests::{Chance, PATIENCE, Request, said};

use super::ear::{Ear, Heard, WAYS, Way};
use super::line::Line;
use super::report::Report;
use super::{AWAY, CLIENTS, EVENTS, PERIOD, PRESENT, SPEAKER_PATH};

pub struct Crowd {
    address: SocketAddr,
    chance: Chance,
    clients: Vec<Client>,
    speaker: Line,
    published: u64,
    began: Instant,
    buffer: Vec<u8>,
    pub report: Report,
}

/// One who wants to hear every event, whatever becomes of its connections.
struct Client {
    way: Way,
    /// Where it stands while it is away.
    cursor: String,
    line: Option<Line>,
    /// Events heard, and so the number of the next.
    heard: u64,
    /// When it came back, and how many events it has to have heard to have caught up.
    owed: Option<(Instant, u64)>,
}

impl Crowd {
    /// Lets in the speaker, and the others as chance has it.
    pub fn gather(address: SocketAddr, seed: u64, scope: &mut Scope<'_>) -> io::Result<Self> {
        let mut chance = Chance::new(seed);
        let ways = WAYS.iter().cycle().take(CLIENTS);
        let clients = ways.map(|way| Client {
            way: *way,
            cursor: String::new(),
            line: None,
            heard: 0,
            owed: None,
        });
        for key in 0..CLIENTS {
            scope.after(chance.between(AWAY), key as u64);
        }
        scope.every(PERIOD, SPEAKER as u64);
        let ear = Ear::new(Way::Socket, String::new());
        let opening = Request::upgrade(SPEAKER_PATH, &[]).bytes();
        Ok(Self {
            address,
            chance,
            clients: clients.collect(),
            speaker: Line::open(address, ear, opening, SPEAKER, scope)?,
            published: 0,
            began: scope.now(),
            buffer: vec![0; 64 * 1024],
            report: Report::default(),
        })
    }

    /// Says all that is due by now.
    fn speak(&mut self, scope: &mut Scope<'_>) {
        let due = scope.now().duration_since(self.began).as_nanos() / PERIOD.as_nanos();
        while self.published < EVENTS.min(due as u64) {
            let frame = said(&self.published.to_string());
            self.speaker.send(&frame).expect("the speaker is not cut off");
            self.published += 1;
        }
        let has_waited = scope.now() > self.began + PERIOD * EVENTS as u32 + PATIENCE;
        if has_waited || self.clients.iter().all(|client| client.heard == EVENTS) {
            scope.stop();
        }
    }

    /// Cuts a client off, until it is back after a while.
    fn cut(&mut self, key: usize, scope: &mut Scope<'_>) {
        let client = &mut self.clients[key];
        let Some(line) = client.line.take() else { return };
        self.report.cuts += 1;
        client.cursor = line.cut(self.report.cuts.is_multiple_of(2), scope);
        client.owed = None;
        if self.chance.below(3) == 0 {
            client.way = WAYS[self.chance.below(3)];
        }
        scope.after(self.chance.between(AWAY), key as u64);
    }

    fn come_back(&mut self, key: usize, scope: &mut Scope<'_>) {
        let client = &mut self.clients[key];
        let opening = client.way.opening(&client.cursor);
        let ear = Ear::new(client.way, std::mem::take(&mut client.cursor));
        let line = Line::open(self.address, ear, opening, key, scope);
        client.line = Some(line.expect("ports and descriptors are left"));
        if client.heard < self.published {
            client.owed = Some((Instant::now(), self.published));
        }
        scope.after(self.chance.between(PRESENT), key as u64);
    }

    fn listen(&mut self, event: Readiness) -> Result<(), String> {
        let Self { clients, buffer, report, .. } = self;
        let Client { line: Some(line), heard: count, owed, .. } = &mut clients[event.key] else {
            return Ok(());
        };
        if event.writable {
            line.flush()?;
        }
        if !event.readable {
            return Ok(());
        }
        line.read(buffer, &mut |heard| {
            let Heard::Event { name, data } = heard else { return };
            if name == "message" && data == count.to_string() {
                report.delivered += 1;
            } else {
                report.blame(event.key, format!("heard `{name}: {data}`; {count} was next"));
            }
            *count = data.parse().map_or(*count, |number: u64| number + 1);
        })?;
        if let Some((since, _)) = owed.take_if(|(_, events)| *count >= *events) {
            report.catching_up.push(since.elapsed());
        }
        Ok(())
    }

    /// Whether clients are still cut off: not once all has been said.
    fn is_stormy(&self) -> bool {
        self.published < EVENTS
    }
}

impl Handler for Crowd {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        if event.key == SPEAKER {
            self.speaker.flush().expect("the server takes what is said");
            self.speaker.read(&mut self.buffer, &mut |_| ()).expect("the speaker is not cut off");
        } else if let Err(fault) = self.listen(event) {
            let client = &self.clients[event.key];
            self.report.blame(event.key, format!("{:?}: {fault}", client.way));
            self.cut(event.key, scope);
        }
    }

    fn expired(&mut self, _: Timer, key: u64, scope: &mut Scope<'_>) {
        let key = key as usize;
        if key == SPEAKER {
            self.speak(scope);
        } else if self.clients[key].line.is_none() {
            self.come_back(key, scope);
        } else if self.is_stormy() {
            self.cut(key, scope);
        }
    }
}

/// The key of the speaker, which is none of the clients.
const SPEAKER: usize = CLIENTS;
