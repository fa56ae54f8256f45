//! A line: one connection of a client, from its request to the cut.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crampon::reactor::{Interest, Scope, Source, Stream};
use socket2::SockRef;

use super::ear::{Ear, Heard, Way};

pub struct Line {
    stream: Stream,
    source: Source,
    pub ear: Ear,
    /// What is still to be sent.
    unsent: Vec<u8>,
}

impl Line {
    /// Begins to connect; `opening` is sent as soon as that is done.
    pub fn open(
        address: SocketAddr,
        ear: Ear,
        opening: Vec<u8>,
        key: usize,
        scope: &mut Scope<'_>,
    ) -> io::Result<Self> {
        let mut stream = Stream::connect(address)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let source = scope.register(&mut stream, key, interest)?;
        Ok(Self { stream, source, ear, unsent: opening })
    }

    /// Sends more, at once or as soon as there is room.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.unsent.extend_from_slice(bytes);
        self.flush()
    }

    /// Sends what there is room for.
    pub fn flush(&mut self) -> Result<(), String> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(bytes) => drop(self.unsent.drain(..bytes)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(format!("cannot send: {error}")),
            }
        }
        Ok(())
    }

    /// Reads all that has arrived, and tells what it says.
    pub fn read(&mut self, buffer: &mut [u8], tell: &mut impl FnMut(Heard)) -> Result<(), String> {
        loop {
            let mut is_answered = false;
            match self.stream.read(buffer) {
                Ok(0) => return Err("the server hung up".to_owned()),
                Ok(bytes) => self.ear.hear(&buffer[..bytes], &mut |heard| {
                    is_answered |= matches!(heard, Heard::Answer);
                    tell(heard);
                })?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(format!("cannot read: {error}")),
            }
            if is_answered {
                self.send(&Way::Poll.opening(&self.ear.cursor))?;
            }
        }
    }

    /// Cuts the connection, with a reset or as a program that ends does; what is left of its
    /// client is the cursor.
    pub fn cut(self, is_reset: bool, scope: &mut Scope<'_>) -> String {
        if let (true, Stream::Tcp(stream)) = (is_reset, &self.stream) {
            // Where this fails the cut is a plain one.
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
        scope.release(self.source);
        self.ear.cursor
    }
}
