//! Connections that come, say what they have to, are closed, and are followed by others.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use crampon::reactor::mio::net::TcpStream;
use crampon::reactor::{Interest, Readiness, Scope, Source, Stream};
use socket2::{Domain, Socket, Type};

use crate::crowd::{Load, Tally};
use crate::probe::Unit;

/// So many visitors at once.
pub struct Visits {
    address: SocketAddr,
    unit: Unit,
    /// What is said once the first is answered; the server closes when it has heard it, or at once
    /// if it is empty.
    goodbye: Vec<u8>,
    visitors: Vec<Option<Visitor>>,
    /// How many have come in all.
    came: usize,
    until: Instant,
    tally: Tally,
}

struct Visitor {
    stream: Stream,
    source: Source,
    came: Instant,
    has_asked: bool,
    /// Bytes heard.
    heard: usize,
}

impl Visits {
    /// Visitors of `address`, who are not there yet.
    pub fn new(address: SocketAddr, unit: Unit, goodbye: Vec<u8>, at_once: usize) -> Self {
        Self {
            address,
            unit,
            goodbye,
            visitors: (0..at_once).map(|_| None).collect(),
            came: 0,
            until: Instant::now(),
            tally: Tally::new(),
        }
    }

    fn come(&mut self, key: usize, scope: &mut Scope<'_>) -> io::Result<()> {
        self.came += 1;
        // From one address there are too few ports for so many in a second.
        let from = Ipv4Addr::new(127, 0, 1, 1 + (self.came % 64) as u8);
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        let came = Instant::now();
        match socket.connect(&self.address.into()) {
            Err(error) if error.raw_os_error() != Some(EINPROGRESS) => return Err(error),
            _ => {}
        }
        let mut stream = Stream::Tcp(TcpStream::from_std(socket.into()));
        let source = scope.register(&mut stream, key, Interest::READABLE | Interest::WRITABLE)?;
        let visitor = Visitor { stream, source, came, has_asked: false, heard: 0 };
        self.visitors[key] = Some(visitor);
        Ok(())
    }
}

/// Says a little: the connection is new and takes it.
fn say(stream: &mut Stream, bytes: &[u8]) -> io::Result<()> {
    match bytes.is_empty() {
        true => Ok(()),
        false => stream.write_all(bytes),
    }
}

impl Load for Visits {
    fn begin(&mut self, until: Instant, scope: &mut Scope<'_>) -> io::Result<()> {
        self.until = until;
        (0..self.visitors.len()).try_for_each(|key| self.come(key, scope))
    }

    fn attend(&mut self, event: Readiness, scope: &mut Scope<'_>) -> io::Result<()> {
        let Some(visitor) = &mut self.visitors[event.key] else { return Ok(()) };
        if !visitor.has_asked && event.writable {
            visitor.has_asked = true;
            say(&mut visitor.stream, &self.unit.request)?;
        }
        if !event.readable {
            return Ok(());
        }
        let mut buffer = [0; 4096];
        loop {
            match visitor.stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(bytes) => {
                    let had_heard = visitor.heard;
                    visitor.heard += bytes;
                    let is_answered = visitor.heard >= self.unit.answer_bytes;
                    if is_answered && had_heard < self.unit.answer_bytes {
                        say(&mut visitor.stream, &self.goodbye)?;
                    }
                    // The end may have been announced together with the bytes.
                    if bytes < buffer.len() && !event.read_closed {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // A reset after the answer is an end.
                Err(_) if visitor.heard >= self.unit.answer_bytes => break,
                Err(error) => return Err(error),
            }
        }
        if visitor.heard < self.unit.answer_bytes {
            return Err(io::Error::other("the connection ended before its answer"));
        }
        let now = Instant::now();
        self.tally.late.note(now - visitor.came, 1);
        self.tally.units += 1;
        scope.release(visitor.source);
        self.visitors[event.key] = None;
        match now < self.until {
            true => self.come(event.key, scope),
            false => Ok(()),
        }
    }

    fn is_over(&self) -> bool {
        self.visitors.iter().all(Option::is_none)
    }

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

/// That a connection is under way (connect(2)).
const EINPROGRESS: i32 = 115;
