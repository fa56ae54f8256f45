//! A connection on which the same is said again and again, and the same is heard.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use crampon::reactor::{Interest, Scope, Stream};

use crate::crowd::non_blocking;

/// One connection.
pub struct Line {
    stream: Stream,
    /// Bytes of an answer that has not come whole.
    part: usize,
    /// Bytes still to be said.
    unsaid: usize,
    /// Bytes of the request that have been said of the one that is under way.
    phase: usize,
}

/// A request many times in a row: whatever is to be said next is a slice of it.
pub struct Burst {
    bytes: Vec<u8>,
    request_bytes: usize,
}

impl Burst {
    /// Room for `depth` requests from within one.
    pub fn of(request: &[u8], depth: usize) -> Self {
        Self { bytes: request.repeat(depth + 1), request_bytes: request.len() }
    }
}

impl Line {
    /// Takes a connection to the loop, dropping what it was told unasked.
    ///
    /// # Errors
    /// What the system says, or that the connection has ended.
    pub fn new(stream: TcpStream, key: usize, scope: &mut Scope<'_>) -> io::Result<Self> {
        let mut stream = non_blocking(stream)?;
        let mut buffer = [0; 4096];
        while read(&mut stream, &mut buffer)?.is_some() {}
        scope.register(&mut stream, key, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self { stream, part: 0, unsaid: 0, phase: 0 })
    }

    /// Reads what there is, and counts the answers that are whole now.
    ///
    /// # Errors
    /// What the system says, or that the connection has ended.
    pub fn hear(&mut self, buffer: &mut [u8], answer_bytes: usize) -> io::Result<usize> {
        while let Some(bytes) = read(&mut self.stream, buffer)? {
            self.part += bytes;
            if bytes < buffer.len() {
                break;
            }
        }
        let answers = self.part / answer_bytes;
        self.part %= answer_bytes;
        Ok(answers)
    }

    /// Says so many requests, or as much as there is room for; the rest when there is more.
    ///
    /// # Errors
    /// What the system says.
    pub fn say(&mut self, requests: usize, burst: &Burst) -> io::Result<()> {
        self.unsaid += requests * burst.request_bytes;
        while self.unsaid > 0 {
            let rest = &burst.bytes[self.phase..];
            let now = &rest[..rest.len().min(self.unsaid)];
            match self.stream.write(now) {
                Ok(bytes) => {
                    self.unsaid -= bytes;
                    self.phase = (self.phase + bytes) % burst.request_bytes;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether there is more to say than there was room for.
    pub fn has_more_to_say(&self) -> bool {
        self.unsaid > 0
    }
}

/// Reads once; `None` if nothing has come.
fn read(stream: &mut Stream, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    match stream.read(buffer) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

/// Bytes read at once: sixteen messages of 16 KiB.
pub const READ_BYTES: usize = 256 * 1024;
