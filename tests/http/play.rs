//! Plays cases: on a simulated network in one piece, byte by byte and cut everywhere, and in one
//! piece over a real socket.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crampon::Server;
use crampon::reactor::{Reactor, Simulation};
use crampon_tests::{Host, PATIENCE};

use crate::case::{Answer, Case, Then};
use crate::house::{Alarm, routes};
use crate::response;

/// Asks whether the connection is in step.
const PROBE: &[u8] = b"GET /probe HTTP/1.1\r\nHost: test\r\n\r\n";
const IN_STEP: Answer = Answer { status: 200, body: Some("in step"), is_to_head: false };

/// A message with a mask of nothing, and its echo.
const MESSAGE: &[u8] = b"\x81\x82\0\0\0\0hi";
const ECHO: &[u8] = b"\x81\x02hi";

/// The beginning of a close frame with 1002, behind its length.
const PROTOCOL_ERROR: &[u8] = &1002_u16.to_be_bytes();

/// Bytes of the longest case that is sent byte by byte and cut at each of them.
const CUT_EVERYWHERE_MAX: usize = 600;

/// Places at which a longer one is cut.
const CUTS: usize = 20;

/// Plays a table, and fails with all its cases that fail.
#[track_caller]
pub fn play(cases: Vec<Case>) {
    let mut simulated = Simulated::new();
    let real = Real::new();
    let mut faults = Vec::new();
    for case in &cases {
        let played = simulated
            .play(case)
            .and_then(|()| real.play(case).map_err(|fault| format!("over a real socket: {fault}")));
        if let Err(fault) = played {
            let sent = &case.sent[..case.sent.len().min(300)];
            let sent = sent.escape_ascii();
            faults.push(format!("{} ({}): {fault}\n    sent {sent}", case.name, case.section));
        }
    }
    let count = faults.len();
    assert!(faults.is_empty(), "{count} of {} fail:\n{}", cases.len(), faults.join("\n"));
}

/// What came back.
struct Heard {
    bytes: Vec<u8>,
    has_ended: bool,
}

impl Heard {
    /// Whether all is there that is to be: the answers of the case and that to the probe.
    fn judge(&self, case: &Case) -> Result<bool, String> {
        let mut rest = &self.bytes[..];
        let mut answers = case.outcome.answers.clone();
        let then = case.outcome.then;
        if then == Then::Kept {
            answers.push(IN_STEP);
        }
        for (at, answer) in answers.iter().enumerate() {
            let place = |fault| format!("answer {at}: {fault}; got `{}`", self.shown());
            let read = response::read(rest, answer.is_to_head, self.has_ended).map_err(place)?;
            let Some((response, bytes)) = read else { return Ok(false) };
            rest = &rest[bytes..];
            let is_last = at + 1 == answers.len();
            fits(&response, answer, is_last && then == Then::Closed).map_err(place)?;
        }
        match (then, rest) {
            (Then::Socket, ECHO) => Ok(true),
            (Then::Socket, rest) if ECHO.starts_with(rest) => Ok(false),
            (Then::Spoilt, [] | [0x88] | [0x88, _] | [0x88, _, _]) => Ok(false),
            (Then::Spoilt, [0x88, _, why @ ..]) if why.starts_with(PROTOCOL_ERROR) => Ok(true),
            (_, b"") => Ok(true),
            _ => Err(format!("more than is due: `{}`", self.shown())),
        }
    }

    /// Hears what comes next, or that nothing does. Where the connection ends, what follows may
    /// find nobody there any more, and be answered with a reset behind all that was said.
    fn listen(&mut self, stream: &mut TcpStream, then: Then) -> Result<(), String> {
        let mut buffer = [0; 16 * 1024];
        match stream.read(&mut buffer) {
            Ok(0) => self.has_ended = true,
            Ok(bytes) => self.bytes.extend_from_slice(&buffer[..bytes]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset && then.is_end() => {
                self.has_ended = true;
            }
            Err(error) => return Err(format!("{error}; got `{}`", self.shown())),
        }
        Ok(())
    }

    fn shown(&self) -> String {
        self.bytes[..self.bytes.len().min(600)].escape_ascii().to_string()
    }
}

fn fits(response: &response::Response, answer: &Answer, closes: bool) -> Result<(), String> {
    let body = String::from_utf8_lossy(&response.body);
    if response.status != answer.status {
        return Err(format!("{} and not {}: {body}", response.status, answer.status));
    }
    if answer.body.is_some_and(|right| right != body) {
        return Err(format!("the body `{body}`, not {:?}", answer.body));
    }
    if closes && !response.says_close() {
        return Err("the last answer does not say so".into());
    }
    Ok(())
}

/// The house on a simulated network.
struct Simulated {
    reactor: Reactor,
    simulation: Simulation,
    address: SocketAddr,
    alarm: Alarm,
}

impl Simulated {
    fn new() -> Self {
        let (mut reactor, simulation) = Reactor::simulated(1);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let alarm = Alarm::default();
        let routes = routes(alarm.clone());
        Server::on(listener).attach(&mut reactor, routes).expect("the routes can be served");
        Self { reactor, simulation, address, alarm }
    }

    /// In one piece, byte by byte, and in two pieces.
    fn play(&mut self, case: &Case) -> Result<(), String> {
        let sent = &case.sent;
        self.send(case, &[sent])?;
        let is_short = sent.len() <= CUT_EVERYWHERE_MAX;
        if is_short {
            let bytes: Vec<&[u8]> = sent.chunks(1).collect();
            self.send(case, &bytes).map_err(|fault| format!("byte by byte: {fault}"))?;
        }
        let step = if is_short { 1 } else { sent.len() / CUTS };
        for cut in (1..sent.len()).step_by(step) {
            let (front, back) = sent.split_at(cut);
            self.send(case, &[front, back]).map_err(|fault| format!("cut at {cut}: {fault}"))?;
        }
        Ok(())
    }

    fn send(&mut self, case: &Case, pieces: &[&[u8]]) -> Result<(), String> {
        let peer = self.simulation.connect(self.address).expect("it listens");
        for piece in pieces {
            peer.send(piece);
            self.pass(Duration::ZERO);
        }
        self.pass(Duration::from_millis(20));
        let has_ended = peer.has_finished();
        let then = case.outcome.then;
        if has_ended != case.outcome.then.is_end() {
            let bytes = peer.receive();
            return Err(format!("ended: {has_ended}; got `{}`", bytes.escape_ascii()));
        }
        match then {
            Then::Kept | Then::Closed | Then::Cut => peer.send(PROBE),
            Then::Socket => peer.send(MESSAGE),
            Then::Waits | Then::Spoilt => {}
        }
        self.pass(Duration::ZERO);
        let heard = Heard { bytes: peer.receive(), has_ended };
        if !heard.judge(case)? {
            return Err(format!("less than is due: `{}`", heard.shown()));
        }
        silent(&self.alarm)
    }

    fn pass(&mut self, time: Duration) {
        self.reactor.advance(time).expect("it comes to rest");
    }
}

/// The house on a real network.
struct Real {
    host: Host,
    alarm: Alarm,
}

impl Real {
    fn new() -> Self {
        let alarm = Alarm::default();
        let rung = alarm.clone();
        Self { host: Host::serve(move || routes(rung)), alarm }
    }

    fn play(&self, case: &Case) -> Result<(), String> {
        let mut stream = TcpStream::connect(self.host.address()).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("the stream is open");
        let then = case.outcome.then;
        let follows: &[u8] = match then {
            Then::Kept | Then::Closed | Then::Cut => PROBE,
            Then::Socket => MESSAGE,
            Then::Waits | Then::Spoilt => b"",
        };
        // Who refuses the beginning may have gone before the end is sent.
        let mut send = |bytes: &[u8]| {
            let sent = stream.write_all(bytes);
            sent.or_else(|error| if then.is_end() { Ok(()) } else { Err(error) })
        };
        send(&case.sent).and_then(|()| send(follows)).map_err(|error| error.to_string())?;
        let mut heard = Heard { bytes: Vec::new(), has_ended: false };
        while !heard.has_ended && (then.is_end() || !heard.judge(case)?) {
            heard.listen(&mut stream, then)?;
        }
        if then == Then::Waits {
            stream.shutdown(Shutdown::Write).expect("the stream is open");
            while !heard.has_ended {
                heard.listen(&mut stream, then)?;
            }
        }
        if !heard.judge(case)? {
            return Err(format!("less than is due: `{}`", heard.shown()));
        }
        silent(&self.alarm)
    }
}

fn silent(alarm: &Alarm) -> Result<(), String> {
    match alarm.swap(0, Ordering::Relaxed) {
        0 => Ok(()),
        _ => Err("a request was smuggled in".into()),
    }
}
