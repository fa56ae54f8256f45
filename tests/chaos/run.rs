//! A run: a house, its visitors, the weather, and the end of it all, as chance will have it.

use std::fmt::{self, Write};
use std::time::Duration;

use crampon::reactor::Weather;
use crampon_claims::house::{CHANNELS, House, Width};
use crampon_tests::{Chance, Seeded};

use crate::visitor::Visitor;

/// One run, and what it did so far if somebody wants to know.
pub struct Run {
    chance: Chance,
    house: House,
    visitors: Vec<Option<Visitor>>,
    is_stopped: bool,
    is_windy: bool,
    trace: Option<String>,
}

impl Seeded for Run {
    fn new(seed: u64, is_traced: bool) -> Self {
        let mut chance = Chance::new(seed);
        let width = Width {
            outbox_bytes_max: chance.pick(&[2_000, 20_000, 1 << 20]),
            memory_bytes: chance.pick(&[1 << 28, 1 << 28, 60_000]),
            connections_max: chance.pick(&[0, 0, 0, 3]),
            is_strict: chance.one_in(4),
        };
        let house = House::new(chance.next(), width);
        let visitors = (0..2 + chance.below(6)).map(|_| None).collect();
        let trace = is_traced.then(String::new);
        let mut run = Self { chance, house, visitors, is_stopped: false, is_windy: false, trace };
        run.note(format_args!("{width:?}"));
        run
    }

    fn play(&mut self) -> Result<(), String> {
        let weather = self.weather();
        self.house.set_weather(weather);
        self.is_windy = weather != Weather::CALM;
        self.note(format_args!("{weather:?}"));
        for _ in 0..30 + self.chance.below(120) {
            self.step()?;
        }
        self.house.hold_work(false);
        self.house.set_weather(Weather::CALM);
        self.serve_all()?;
        self.leave_all()
    }

    fn trace(&self) -> &str {
        self.trace.as_deref().unwrap_or_default()
    }
}

impl Run {
    fn weather(&mut self) -> Weather {
        let chance = &mut self.chance;
        let mut odds = |most: usize| chance.below(most + 1) as u16;
        match odds(4) {
            0 => Weather::CALM,
            1 => Weather::ROUGH,
            2 => Weather::STORMY,
            _ => Weather {
                short: odds(900),
                blocked: odds(500),
                interrupted: odds(300),
                doubled: odds(500),
                held_back: odds(500),
                spurious: odds(300),
                is_shuffled: odds(1) == 0,
                delay_max: Duration::from_millis(odds(3_000).into()),
                stalls: odds(200),
                stall_max: Duration::from_millis(u64::from(odds(400)) * 100),
                resets: odds(20),
                refusals: odds(500),
                jumps: odds(50),
                jump_max: Duration::from_millis(odds(5_000).into()),
            },
        }
    }

    fn step(&mut self) -> Result<(), String> {
        let at = self.chance.below(self.visitors.len());
        match self.chance.below(40) {
            0..6 => self.come(at),
            6..14 => self.think(at),
            14..24 => self.send(at),
            24..29 => self.hear(at)?,
            29 => self.strain(at),
            30 if self.chance.one_in(2) => self.leave(at)?,
            31 => {
                let (channel, bytes) =
                    (self.chance.below(CHANNELS.len()), self.chance.below(4_000));
                self.house.publish(channel, bytes);
                self.note(format_args!("{bytes} bytes are published on {channel}"));
            }
            32 => {
                let holds = self.chance.one_in(2);
                self.house.hold_work(holds);
            }
            33 if self.chance.one_in(10) => {
                let time = Duration::from_millis(self.chance.below(100_000) as u64);
                self.note(format_args!("the loop stalls for {time:?}"));
                self.house.stall(time);
            }
            34 if self.chance.one_in(30) => {
                self.note(format_args!("the server is stopped"));
                self.house.stop();
                self.is_stopped = true;
            }
            _ => {
                let millis = match self.chance.below(10) {
                    0..7 => self.chance.below(50),
                    7 | 8 => self.chance.below(3_000),
                    _ => self.chance.below(40_000),
                };
                self.note(format_args!("{millis} ms pass"));
                self.house.pass(Duration::from_millis(millis as u64))?;
            }
        }
        if !self.chance.one_in(4) {
            self.house.pass(Duration::ZERO)?;
        }
        Ok(())
    }

    fn come(&mut self, at: usize) {
        if self.visitors[at].is_some() {
            return;
        }
        let Some(peer) = self.house.connect() else { return };
        let is_stranger = self.chance.one_in(5);
        if self.chance.one_in(4) {
            peer.set_read_max(Some(1 + self.chance.below(50)));
        }
        if self.chance.one_in(4) {
            peer.set_write_max(Some(1 + self.chance.below(200)));
        }
        let mut visitor = Visitor::new(peer, is_stranger);
        visitor.is_slow = self.is_windy;
        self.visitors[at] = Some(visitor);
        self.note(format_args!("{at} comes, a stranger: {is_stranger}"));
        self.think(at);
    }

    fn think(&mut self, at: usize) {
        let Some(visitor) = &mut self.visitors[at] else { return };
        let told = visitor.think(&mut self.chance);
        self.note(format_args!("{at} {told}"));
    }

    fn send(&mut self, at: usize) {
        let Some(visitor) = &mut self.visitors[at] else { return };
        let bytes_max = match self.chance.below(4) {
            0 => self.chance.below(30),
            1 => self.chance.below(3_000),
            _ => usize::MAX,
        };
        let bytes = visitor.send(bytes_max);
        self.note(format_args!("{at} sends {bytes} bytes"));
    }

    fn hear(&mut self, at: usize) -> Result<(), String> {
        let Some(visitor) = &mut self.visitors[at] else { return Ok(()) };
        let heard = visitor.hear();
        let told = visitor.describe();
        let bytes = heard.map_err(|error| format!("{at} ({told}): {error}"))?;
        let is_over = visitor.is_over();
        self.note(format_args!("{at} hears {bytes} bytes: {told}"));
        if is_over && self.chance.one_in(2) {
            self.visitors[at] = None;
        }
        Ok(())
    }

    fn strain(&mut self, at: usize) {
        let Some(visitor) = &mut self.visitors[at] else { return };
        visitor.is_slow = true;
        let window = match self.chance.below(3) {
            0 => None,
            1 => Some(0),
            _ => Some(self.chance.below(3_000)),
        };
        visitor.peer.set_window(window);
        self.note(format_args!("{at} takes {window:?} bytes more"));
    }

    fn leave(&mut self, at: usize) -> Result<(), String> {
        self.hear(at)?;
        let Some(visitor) = &mut self.visitors[at] else { return Ok(()) };
        let how = match self.chance.below(4) {
            0 => {
                visitor.finish();
                "half-closes"
            }
            1 => {
                visitor.peer.reset();
                "resets"
            }
            2 => {
                visitor.peer.reset_after(self.chance.below(3_000));
                "will be reset"
            }
            _ => {
                self.visitors[at] = None;
                "is gone"
            }
        };
        self.note(format_args!("{at} {how}"));
        Ok(())
    }

    /// Everybody says all there is to say and listens for as long as anything may take.
    fn serve_all(&mut self) -> Result<(), String> {
        self.note(format_args!("everybody listens"));
        for visitor in self.visitors.iter_mut().flatten() {
            visitor.peer.set_window(None);
            visitor.send(usize::MAX);
        }
        for second in 0..PATIENCE_SECONDS {
            self.house.pass(Duration::from_secs(1))?;
            for at in 0..self.visitors.len() {
                if let Some(visitor) = &mut self.visitors[at] {
                    let told = visitor.describe();
                    visitor
                        .hear()
                        .map_err(|error| format!("{at} ({told}), {second} s later: {error}"))?;
                }
            }
            self.house.pass(Duration::ZERO)?;
        }
        for (at, visitor) in self.visitors.iter().enumerate() {
            let Some(visitor) = visitor else { continue };
            visitor
                .check_served()
                .map_err(|error| format!("{at} ({}): {error}", visitor.describe()))?;
        }
        Ok(())
    }

    /// Everybody goes, and nothing is left of them.
    fn leave_all(&mut self) -> Result<(), String> {
        self.note(format_args!("everybody leaves"));
        self.visitors.clear();
        self.house.pass(Duration::from_secs(PATIENCE_SECONDS))?;
        self.house.check_empty()?;
        if !self.is_stopped {
            self.note(format_args!("the server is stopped"));
            self.house.stop();
            self.house.pass(Duration::from_secs(PATIENCE_SECONDS))?;
            self.house.check_empty()?;
        }
        Ok(())
    }

    fn note(&mut self, what: fmt::Arguments<'_>) {
        if let Some(trace) = &mut self.trace {
            writeln!(trace, "{what}").expect("a text takes any line");
        }
    }
}

/// How long everybody listens at the end, and the house is left alone after that: longer than any
/// deadline of the server's, and then another.
const PATIENCE_SECONDS: u64 = 200;
