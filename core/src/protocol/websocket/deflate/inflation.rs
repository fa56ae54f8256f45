//! A compressed message that is inflated as it arrives, part by part (RFC 7692, section 7.2.2).

use super::super::utf8::Pieces;
use super::super::{Event, Fault};
use super::Past;
use super::inflater::{ENDING, Stream};

/// One message on its way. It is fed with what arrives and asked for parts of what that makes,
/// each no longer than 16 KiB: who is asked to wait in between keeps what is compressed still.
#[derive(Debug)]
pub struct Inflation {
    stream: Stream,
    past: Past,
    /// What has arrived, and how much of it has been taken.
    input: Vec<u8>,
    taken: usize,
    part: Vec<u8>,
    /// Bytes of all parts so far.
    bytes: usize,
    bytes_max: usize,
    text: Option<Pieces>,
    /// All of it has arrived.
    has_all: bool,
    /// All of it has been handed out.
    is_over: bool,
}

impl Inflation {
    /// Begins a message of at most `bytes_max`. `past` is that of its sender, or a new one.
    pub fn new(past: Past, is_text: bool, bytes_max: usize) -> Self {
        let mut stream = Stream::new();
        stream.begin(past.bytes());
        Self {
            stream,
            past,
            input: Vec::new(),
            taken: 0,
            part: Vec::with_capacity(PART_BYTES),
            bytes: 0,
            bytes_max,
            text: is_text.then(Pieces::default),
            has_all: false,
            is_over: false,
        }
    }

    /// Adds what has arrived.
    pub fn feed(&mut self, bytes: &[u8], is_last: bool) {
        self.input.drain(..std::mem::take(&mut self.taken));
        self.input.extend_from_slice(bytes);
        if is_last {
            self.input.extend_from_slice(&ENDING);
            self.has_all = true;
        }
    }

    /// The next part of the message, an [`Event::Part`]; `None` until more has arrived.
    ///
    /// # Errors
    /// Those of an [`Inflater`](super::Inflater), and [`Fault::Utf8`] for text that is none.
    pub fn part(&mut self) -> Result<Option<Event<'_>>, Fault> {
        self.part.clear();
        let is_full = loop {
            self.step()?;
            let is_full = self.part.len() == self.part.capacity();
            if is_full || self.taken == self.input.len() {
                break is_full;
            }
        };
        self.bytes += self.part.len();
        if self.bytes > self.bytes_max {
            return Err(Fault::InflatesTooLong { max: self.bytes_max });
        }
        self.past.extend(&self.part);
        let is_last = self.has_all && self.is_over && self.taken == self.input.len();
        if self.has_all && !is_last && !is_full {
            return Err(Fault::Deflate);
        }
        if let Some(pieces) = &mut self.text {
            pieces.add(&self.part)?;
            if is_last {
                pieces.end()?;
            }
        }
        if self.part.is_empty() && !is_last {
            return Ok(None);
        }
        Ok(Some(Event::Part { bytes: &self.part, is_text: self.text.is_some(), is_last }))
    }

    /// What it took beyond its parts, in bytes: a window for each stream that was begun in it.
    pub fn effort(&self) -> usize {
        self.stream.effort()
    }

    /// Bytes of heap it takes, but for the state of the inflater itself.
    pub fn bytes_held(&self) -> usize {
        self.past.bytes_held() + self.input.capacity() + self.part.capacity()
    }

    /// What the sender's next message may point back to.
    pub fn into_past(self) -> Past {
        self.past
    }

    fn step(&mut self) -> Result<(), Fault> {
        let mut rest = &self.input[self.taken..];
        self.is_over = self.stream.take(&mut rest, &mut self.part)?;
        self.taken = self.input.len() - rest.len();
        if self.is_over && !rest.is_empty() {
            self.stream.begin_again(Some(&self.past), &self.part)?;
        }
        Ok(())
    }
}

/// Bytes of a part: as many as make handing it over cheap beside inflating it.
const PART_BYTES: usize = 16 * 1024;
