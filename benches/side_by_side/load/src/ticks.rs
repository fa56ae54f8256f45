//! Connections that are told each second of their own.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crampon::reactor::{Interest, Readiness, Scope, Stream};

use crate::crowd::{Crowd, Load, Tally, non_blocking};
use crate::opening::{Wire, connect};
use crate::running::Running;

/// All who are told.
pub struct Ticks {
    listeners: Vec<Listener>,
    until: Instant,
    is_counting: bool,
    tally: Tally,
}

struct Listener {
    stream: Stream,
    opened: Instant,
    /// The number of the first tick that counts and when it came; and of the last.
    first: Option<(u64, Instant)>,
    last: (u64, Instant),
}

impl Ticks {
    /// Opens connections evenly over a second.
    ///
    /// # Errors
    /// What the system says, or that the server does not tick as it should.
    pub fn open(server: &Running, wire: Wire, connections: usize) -> io::Result<Crowd<Self>> {
        let path = if wire == Wire::Events { "/ticks" } else { "/tick" };
        probe(server, wire, path)?;
        let head = wire.head(path);
        let mut crowd = Crowd::gather(|_| {
            Ok(Self {
                listeners: Vec::new(),
                until: Instant::now(),
                is_counting: false,
                tally: Tally::new(),
            })
        })?;
        let began = Instant::now();
        for at in 0..connections {
            let due = began + SECOND.mul_f64(at as f64 / connections as f64);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let mut stream = connect(wire.address(server))?;
            let opened = Instant::now();
            stream.write_all(head.as_bytes())?;
            let mut stream = non_blocking(stream)?;
            crowd.with(|ticks, scope| {
                scope.register(&mut stream, at, Interest::READABLE)?;
                let last = (0, opened);
                ticks.listeners.push(Listener { stream, opened, first: None, last });
                io::Result::Ok(())
            })?;
        }
        Ok(crowd)
    }

    /// From now on ticks count.
    pub fn count(&mut self) {
        self.is_counting = true;
    }

    /// How much longer than a second a tick takes, on average.
    pub fn drift(&self) -> f64 {
        let (mut ticks, mut over) = (0, 0.0);
        for listener in &self.listeners {
            let Some((first, since)) = listener.first else { continue };
            let (last, until) = listener.last;
            ticks += last - first;
            over += (until - since).as_secs_f64() - (last - first) as f64;
        }
        over / ticks.max(1) as f64
    }
}

/// The numbers of the ticks in what was heard.
fn numbers(heard: &[u8]) -> impl Iterator<Item = u64> + '_ {
    const TICK: &[u8] = b"tick ";
    let begins = heard.windows(TICK.len()).enumerate().filter(|(_, bytes)| *bytes == TICK);
    begins.map(move |(at, _)| {
        let digits = heard[at + TICK.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    })
}

/// Hears the first two ticks of one connection.
fn probe(server: &Running, wire: Wire, path: &str) -> io::Result<()> {
    let mut stream = wire.open(server, path)?;
    let mut heard = Vec::new();
    while numbers(&heard).last() != Some(2) {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            bytes => heard.extend_from_slice(&buffer[..bytes]),
        }
    }
    match numbers(&heard).eq([1, 2]) {
        true => Ok(()),
        false => Err(crate::opening::unexpected("a clock", &heard)),
    }
}

impl Load for Ticks {
    fn begin(&mut self, until: Instant, scope: &mut Scope<'_>) -> io::Result<()> {
        self.until = until;
        scope.after(until.saturating_duration_since(scope.now()), 0);
        Ok(())
    }

    fn attend(&mut self, event: Readiness, _: &mut Scope<'_>) -> io::Result<()> {
        let listener = &mut self.listeners[event.key];
        let mut buffer = [0; 4096];
        let bytes = match listener.stream.read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let now = Instant::now();
        for number in numbers(&buffer[..bytes]) {
            if self.is_counting {
                self.tally.units += 1;
                let due = listener.opened + SECOND * number as u32;
                self.tally.late.note(now.saturating_duration_since(due), 1);
                listener.first.get_or_insert((number, now));
            }
            listener.last = (number, now);
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_on_any_wire() {
        for (heard, expected) in [
            (&b"\x81\x06tick 1\x81\x07tick 12"[..], &[1, 12][..]),
            (b"data: tick 3\n\n", &[3]),
            (b"e\r\ndata: tick 10\n\n\r\n", &[10]),
            (b"HTTP/1.1 200 OK\r\n\r\n", &[]),
        ] {
            assert_eq!(numbers(heard).collect::<Vec<_>>(), expected);
        }
    }
}
