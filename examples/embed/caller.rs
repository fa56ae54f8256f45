//! One caller of the line service: what was heard, what is still to say.

use std::io::{self, ErrorKind, Read, Write};

use crampon::reactor::{Scope, Source, Stream};

use crate::counts::{Counts, raise};

/// Bytes a caller may leave unread, or say without ending a line, before we hang up.
///
/// 64 KiB: some thousand answers to one who does not listen.
const BACKLOG_BYTES_MAX: usize = 64 << 10;

/// Reads of one caller in one go; then others on the loop have their turn.
const READS_PER_VISIT: usize = 16;

/// Someone on the line.
pub struct Caller {
    stream: Stream,
    source: Source,
    /// The beginning of a line.
    heard: Vec<u8>,
    /// What the caller has not taken yet.
    unsaid: Vec<u8>,
    is_leaving: bool,
}

impl Caller {
    /// Takes the call; `source` is what the stream was registered as.
    pub fn new(stream: Stream, source: Source) -> Self {
        Self { stream, source, heard: Vec::new(), unsaid: Vec::new(), is_leaving: false }
    }

    /// What the stream was registered as.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Has a line wait for its turn to be written.
    pub fn say(&mut self, line: &str) {
        self.unsaid.extend_from_slice(line.as_bytes());
        self.unsaid.push(b'\n');
    }

    /// Reads what has come, answers it, and writes what can go; `false` when the call is over.
    ///
    /// # Errors
    /// The connection's; then the call is over too.
    pub fn converse(&mut self, counts: &Counts, scope: &mut Scope<'_>) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        for _ in 0..READS_PER_VISIT {
            self.write()?;
            if self.is_leaving || self.backlog() > BACKLOG_BYTES_MAX {
                return Ok(self.is_leaving && !self.unsaid.is_empty());
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => self.is_leaving = true,
                Ok(length) => self.hear(&buffer[..length], counts),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        scope.revisit(self.source);
        Ok(true)
    }

    fn write(&mut self) -> io::Result<()> {
        while !self.unsaid.is_empty() {
            match self.stream.write(&self.unsaid) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => drop(self.unsaid.drain(..length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn backlog(&self) -> usize {
        self.heard.len().max(self.unsaid.len())
    }

    fn hear(&mut self, bytes: &[u8], counts: &Counts) {
        self.heard.extend_from_slice(bytes);
        let heard = std::mem::take(&mut self.heard);
        let mut lines = heard.split(|byte| *byte == b'\n');
        self.heard = lines.next_back().unwrap_or_default().to_vec();
        for line in lines {
            raise(&counts.commands);
            match line.trim_ascii() {
                b"PING" => self.say("PONG"),
                b"COUNT" => self.say(&format!("{} datagrams", counts.datagrams.get())),
                b"UPTIME" => self.say(&format!("{} seconds", counts.uptime.get())),
                b"QUIT" => {
                    self.say("BYE");
                    self.is_leaving = true;
                    return;
                }
                _ => self.say("say PING, COUNT, UPTIME or QUIT"),
            }
        }
    }
}
