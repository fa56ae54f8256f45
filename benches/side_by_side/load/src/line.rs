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

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use crampon::reactor::{Handler, Reactor, Readiness};

    use super::*;

    /// Stays on the loop.
    struct Nobody;

    impl Handler for Nobody {
        fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}
    }

    /// A line and who is at its other end, who has said something unasked.
    fn line(reactor: &mut Reactor) -> (Line, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let stream = TcpStream::connect(listener.local_addr().expect("it is bound"));
        let (mut peer, _) = listener.accept().expect("one has connected");
        peer.write_all(b"welcome").expect("it is taken");
        let stream = stream.expect("it listens");
        stream.peek(&mut [0; 7]).expect("it has come");
        let mut line = None;
        let add = |scope: &mut Scope<'_>| {
            line = Some(Line::new(stream, 0, scope)?);
            Ok(Nobody)
        };
        reactor.add(add).expect("it can be registered");
        (line.expect("it was made"), peer)
    }

    #[test]
    fn the_same_is_said_again_and_again() {
        let (mut line, mut peer) = line(&mut Reactor::new().expect("there is a selector"));
        let burst = Burst::of(b"abc", 2);
        line.say(2, &burst).expect("it is taken");
        line.say(5, &burst).expect("it is taken");
        assert!(!line.has_more_to_say());
        let mut heard = [0; 21];
        peer.read_exact(&mut heard).expect("it was said");
        assert_eq!(heard, *b"abcabcabcabcabcabcabc");
    }

    #[test]
    fn answers_are_counted_when_they_are_whole() {
        let (mut line, mut peer) = line(&mut Reactor::new().expect("there is a selector"));
        let mut buffer = [0; 64];
        let mut heard = Vec::new();
        for part in ["answeransw", "er", "answeransweransweran", "swer"] {
            peer.write_all(part.as_bytes()).expect("it is taken");
            // It is on its way at once, and there soon.
            let before = line.part;
            let mut answers = 0;
            while (answers, line.part) == (0, before) {
                answers = line.hear(&mut buffer, 6).expect("nobody has left");
            }
            heard.push(answers);
        }
        assert_eq!(heard, [1, 1, 3, 1]);
        drop(peer);
        let end = std::iter::repeat_with(|| line.hear(&mut buffer, 6)).find_map(Result::err);
        assert_eq!(end.map(|error| error.kind()), Some(ErrorKind::UnexpectedEof));
    }
}
