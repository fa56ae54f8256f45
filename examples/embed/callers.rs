//! A service of text lines over TCP: one handler, a listener and many streams.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

use crampon::reactor::{Handler, Interest, Listener, Readiness, Scope, Source, Stream};

use crate::counts::{Counts, raise};

/// The key of the listener; callers have those after it.
const LISTENER: usize = 0;

/// Bytes a caller may leave unread, or say without ending a line, before we hang up.
///
/// 64 KiB: some thousand answers to one who does not listen.
const BACKLOG_BYTES_MAX: usize = 64 << 10;

/// Reads of one caller in one go; then others on the loop have their turn.
const READS_PER_VISIT: usize = 16;

/// Answers whoever calls, line by line.
pub struct Callers {
    listener: Listener,
    callers: BTreeMap<usize, Caller>,
    last_key: usize,
    counts: Rc<Counts>,
}

struct Caller {
    stream: Stream,
    source: Source,
    /// The beginning of a line.
    heard: Vec<u8>,
    /// What the caller has not taken yet.
    unsaid: Vec<u8>,
    is_leaving: bool,
}

impl Callers {
    /// Takes the listener to the loop.
    pub fn new(
        mut listener: Listener,
        counts: Rc<Counts>,
        scope: &mut Scope<'_>,
    ) -> io::Result<Self> {
        scope.register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self { listener, callers: BTreeMap::new(), last_key: LISTENER, counts })
    }

    /// Says a line to everyone.
    pub fn announce(&mut self, line: &str, scope: &mut Scope<'_>) {
        raise(&self.counts.announcements);
        for caller in self.callers.values_mut() {
            caller.say(line);
        }
        let everyone: Vec<usize> = self.callers.keys().copied().collect();
        for key in everyone {
            self.attend(key, scope);
        }
    }

    fn admit(&mut self, scope: &mut Scope<'_>) -> io::Result<()> {
        loop {
            let (mut stream, _) = self.listener.accept()?;
            self.last_key += 1;
            let both = Interest::READABLE | Interest::WRITABLE;
            let source = scope.register(&mut stream, self.last_key, both)?;
            let (heard, unsaid) = (Vec::new(), Vec::new());
            let caller = Caller { stream, source, heard, unsaid, is_leaving: false };
            self.callers.insert(self.last_key, caller);
        }
    }

    /// Hears a caller out, answers, and hangs up when all is said.
    fn attend(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Some(caller) = self.callers.get_mut(&key) else { return };
        if !matches!(caller.converse(&self.counts, scope), Ok(true)) {
            scope.release(caller.source);
            self.callers.remove(&key);
        }
    }
}

impl Handler for Callers {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        if event.key != LISTENER {
            return self.attend(event.key, scope);
        }
        match self.admit(scope) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => eprintln!("no caller: {error}"),
            _ => {}
        }
    }
}

impl Caller {
    /// Reads what has come, answers it, and writes what can go; `false` when the call is over.
    fn converse(&mut self, counts: &Counts, scope: &mut Scope<'_>) -> io::Result<bool> {
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

    fn say(&mut self, line: &str) {
        self.unsaid.extend_from_slice(line.as_bytes());
        self.unsaid.push(b'\n');
    }
}
