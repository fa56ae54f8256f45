//! Compressed messages into plain ones (RFC 7692, section 7.2.2).

use flate2::{Decompress, FlushDecompress, Status};

use super::super::{Deflated, Event, Fault, utf8};
use super::{Past, TAIL, WindowBits};

/// Inflates messages that arrived whole. One inflater serves any number of connections.
#[derive(Debug)]
pub struct Inflater {
    stream: Stream,
    out: Vec<u8>,
}

impl Inflater {
    /// Makes an inflater.
    pub fn new() -> Self {
        Self { stream: Stream::new(), out: Vec::new() }
    }

    /// Inflates a whole message into [`Event::Text`] or [`Event::Binary`]; `past` is that of its
    /// sender, if messages may point into it.
    ///
    /// # Errors
    /// [`Fault::InflatesTooLong`] as soon as there are more than `bytes_max`, and no more memory
    /// than that is ever taken; [`Fault::Deflate`] if it is not compressed as it should be;
    /// [`Fault::Utf8`] for text that is none.
    pub fn inflate(
        &mut self,
        message: &Deflated<'_>,
        mut past: Option<&mut Past>,
        bytes_max: usize,
    ) -> Result<Event<'_>, Fault> {
        if self.out.capacity() > KEPT_BYTES_MAX {
            self.out = Vec::new();
        }
        self.out.clear();
        self.stream.begin(past.as_deref().map_or(&[], Past::bytes));
        let mut is_over = false;
        for mut rest in [message.bytes, &ENDING] {
            loop {
                is_over = self.step(&mut rest, past.as_deref(), bytes_max)?;
                let is_full = self.out.len() == self.out.capacity();
                if rest.is_empty() && (is_over || !is_full) {
                    break;
                }
            }
        }
        if !is_over {
            return Err(Fault::Deflate);
        }
        if let Some(past) = &mut past {
            past.extend(&self.out);
        }
        match message.is_text {
            true => utf8::whole(&self.out).map(Event::Text),
            false => Ok(Event::Binary(&self.out)),
        }
    }

    /// What the last message took to inflate, in bytes: those it was inflated into, and a window
    /// for each stream that was begun in it.
    pub fn effort(&self) -> usize {
        self.out.len() + self.stream.effort()
    }

    /// Bytes of heap held for what a message is inflated into.
    pub fn bytes_held(&self) -> usize {
        self.out.capacity()
    }

    /// Takes from the front of `input` until it is empty or there is no more room for what it
    /// makes; returns whether a stream ended there.
    fn step(
        &mut self,
        input: &mut &[u8],
        past: Option<&Past>,
        bytes_max: usize,
    ) -> Result<bool, Fault> {
        make_room(&mut self.out, bytes_max);
        let is_over = self.stream.take(input, &mut self.out)?;
        if self.out.len() > bytes_max {
            return Err(Fault::InflatesTooLong { max: bytes_max });
        }
        if is_over && !input.is_empty() {
            self.stream.begin_again(past, &self.out)?;
        }
        Ok(is_over)
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

/// What follows a message so that its stream comes to an end, and it shows that it was whole: the
/// tail that was cut off, and a last block with nothing in it.
pub(super) const ENDING: [u8; 9] =
    [TAIL[0], TAIL[1], TAIL[2], TAIL[3], 1, TAIL[0], TAIL[1], TAIL[2], TAIL[3]];

/// Streams that one message may be made of. A sender that flushes by ending its stream has one,
/// or one for each of its fragments; to begin another costs a copy of the window.
const STREAMS_MAX: u32 = 256;

/// Bytes kept for the next message: one that is longer than most are has its place freed.
const KEPT_BYTES_MAX: usize = 256 * 1024;

/// Bytes of room for the first of a message.
const ROOM_BYTES: usize = 16 * 1024;

/// Makes room in `out`: twice what it has, but only for one byte more than the most it may have.
fn make_room(out: &mut Vec<u8>, bytes_max: usize) {
    if out.len() == out.capacity() {
        let left = bytes_max.saturating_add(1).saturating_sub(out.len());
        out.reserve_exact(out.len().max(ROOM_BYTES).min(left).max(1));
    }
}

/// A DEFLATE stream being inflated (RFC 1951).
#[derive(Debug)]
pub(super) struct Stream {
    zlib: Decompress,
    /// How many there were in this message.
    count: u32,
}

impl Stream {
    pub fn new() -> Self {
        // The largest window serves all: who inflates may keep more than is pointed to.
        Self { zlib: Decompress::new(false), count: 0 }
    }

    /// Begins a message, with these bytes to point back to.
    pub fn begin(&mut self, past: &[u8]) {
        self.count = 0;
        self.start(past);
    }

    /// Goes on behind the end of a stream, in the same message: a sender may end its stream where
    /// it likes, and the window goes on (section 7.2.1). `said` is what was said since the past.
    pub fn begin_again(&mut self, past: Option<&Past>, said: &[u8]) -> Result<(), Fault> {
        self.count += 1;
        if self.count >= STREAMS_MAX {
            return Err(Fault::Deflate);
        }
        let mut window = Past::new(WindowBits::MAX);
        window.extend(past.map_or(&[], Past::bytes));
        window.extend(said);
        self.start(window.bytes());
        Ok(())
    }

    /// Bytes of the windows copied for the streams begun in this message.
    pub fn effort(&self) -> usize {
        self.count as usize * WindowBits::MAX.bytes()
    }

    fn start(&mut self, past: &[u8]) {
        self.zlib.reset(false);
        if !past.is_empty() {
            self.zlib.set_dictionary(past).expect("a raw stream takes any past at its beginning");
        }
    }

    /// Takes from the front of `input` until that is empty, `out` is full or the stream ends;
    /// returns whether it does. When `out` is full there may be more to come for no more input.
    pub fn take(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Result<bool, Fault> {
        let (taken, given) = (self.zlib.total_in(), out.len());
        let status = self.zlib.decompress_vec(input, out, FlushDecompress::None);
        let taken = (self.zlib.total_in() - taken) as usize;
        *input = &input[taken..];
        match status {
            Ok(Status::StreamEnd) => Ok(true),
            Err(_) => Err(Fault::Deflate),
            Ok(_) if !input.is_empty() && taken == 0 && out.len() == given => Err(Fault::Deflate),
            Ok(_) => Ok(false),
        }
    }
}
