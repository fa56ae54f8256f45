//! The outbox: what waits to be written to one connection.
//!
//! Bytes of the connection's own are gathered in one open buffer; encodings shared with other
//! connections are held by reference. An idle outbox owns nothing.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use bytes::Bytes;

use super::buffers::Buffers;
use super::flow::Flow;
use crate::protocol::websocket::frame_boundary;
use crate::server::time::moment::Moment;
use crate::transport::Sheet;

/// What waits to be written to one connection, in order.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Written first; present only while the peer is slower than we are.
    backlog: Option<Box<Backlog>>,
    /// Gathered since; written after the backlog.
    open: Sheet,
}

#[derive(Debug, Default)]
struct Backlog {
    parts: VecDeque<Part>,
    /// Bytes of the first part that are written already.
    taken: usize,
    /// Bytes of all parts that are not.
    left: usize,
    /// Bytes of the parts that are held for this connection alone, written or not.
    owned: usize,
    /// Bytes of control frames waiting for the next boundary between frames.
    control: Vec<u8>,
    /// How fast the peer takes it, since it was first too slow.
    flow: Option<Flow>,
}

#[derive(Debug)]
struct Part {
    bytes: Bytes,
    /// Others hold it too, and it is counted where it was made.
    is_shared: bool,
}

impl Outbox {
    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.open.len() + self.backlog.as_ref().map_or(0, |backlog| backlog.left)
    }

    /// Bytes of memory it holds by itself; what it shares with others is not its own.
    pub fn bytes_held(&self) -> usize {
        let held = |backlog: &Backlog| {
            backlog.owned + backlog.control.len() + backlog.parts.len() * size_of::<Part>()
        };
        self.open.len() + self.backlog.as_deref().map_or(0, held)
    }

    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.backlog.is_none()
    }

    /// Whether it has been lent a buffer, though nothing may wait in it.
    pub fn has_buffer(&self) -> bool {
        self.open.is_there()
    }

    /// Whether the peer has left something untaken.
    pub fn is_backlogged(&self) -> bool {
        self.backlog.is_some()
    }

    /// How fast the peer takes what it has left untaken; counted from `now` if it was not before.
    pub fn flow_since(&mut self, now: Moment) -> Option<&mut Flow> {
        self.backlog.as_mut().map(|backlog| backlog.flow.get_or_insert(Flow::new(now)))
    }

    /// How fast the peer takes what it has left untaken, if that is counted.
    pub fn flow(&self) -> Option<Flow> {
        self.backlog.as_ref().and_then(|backlog| backlog.flow)
    }

    /// Counts anew from `now` how fast the peer takes what waits.
    pub fn restart_flow(&mut self, now: Moment) {
        if let Some(backlog) = &mut self.backlog {
            backlog.flow = Some(Flow::new(now));
        }
    }

    /// The buffer to gather bytes in.
    pub fn open(&mut self) -> &mut Vec<u8> {
        &mut self.open
    }

    /// The buffer to gather bytes in, lent by `lender` if there is none.
    #[inline]
    pub fn lent(&mut self, lender: &mut Buffers) -> &mut Vec<u8> {
        if !self.open.is_there() {
            self.open = lender.take();
        }
        &mut self.open
    }

    /// Takes over all of `bytes`, leaving an empty buffer behind.
    pub fn append(&mut self, bytes: &mut Sheet) {
        if self.open.is_empty() {
            std::mem::swap(&mut self.open, bytes);
        } else {
            self.open.extend_from_slice(bytes);
            bytes.clear();
        }
    }

    /// Adds an encoding that others hold too; a short one is copied.
    #[inline]
    pub fn push_shared(&mut self, bytes: &Bytes) {
        if self.backlog.is_none() && bytes.len() < SHARED_BYTES_MIN {
            return self.open.extend_from_slice(bytes);
        }
        self.push_reference(bytes.clone());
    }

    /// Adds an encoding that others hold too, without a copy however short: for one of many who
    /// are sent the same past, and may take long to take it.
    pub fn push_reference(&mut self, bytes: Bytes) {
        self.freeze();
        self.backlog.get_or_insert_default().push(Part { bytes, is_shared: true });
    }

    /// Adds a control frame: in its own lane, ahead of what waits, at a boundary between frames.
    ///
    /// While the peer takes nothing only the newest is kept, so that a flood of pings from a peer
    /// that does not read costs nothing.
    pub fn push_control(&mut self, frame: &[u8]) {
        match &mut self.backlog {
            None => self.open.extend_from_slice(frame),
            Some(backlog) => {
                backlog.control.clear();
                backlog.control.extend_from_slice(frame);
            }
        }
    }

    /// Drops what waits behind its first `bytes`, but for the rest of what is cut by that or
    /// written in part.
    pub fn cut(&mut self, bytes: usize) {
        self.freeze();
        let Some(backlog) = &mut self.backlog else { return };
        let bytes = bytes.max(usize::from(backlog.taken > 0));
        let (mut count, mut left) = (0, 0);
        while left < bytes && count < backlog.parts.len() {
            left += backlog.parts[count].bytes.len() - if count == 0 { backlog.taken } else { 0 };
            count += 1;
        }
        backlog.parts.truncate(count);
        backlog.control.clear();
        backlog.left = left;
        backlog.owned = backlog.parts.iter().map(Part::bytes_owned).sum();
        if left == 0 {
            self.backlog = None;
        }
    }

    /// Writes as much as the peer takes.
    pub fn flush(&mut self, stream: &mut impl Write) -> io::Result<Flushed> {
        if self.backlog.is_none() {
            let bytes = write_all_of(&self.open, stream)?;
            let is_all = bytes == self.open.len();
            match is_all {
                true => self.open.clear(),
                false => {
                    self.freeze();
                    self.note_taken(bytes);
                }
            }
            return Ok(Flushed { bytes, is_all });
        }
        let mut written = 0;
        self.freeze();
        while let Some(backlog) = &mut self.backlog {
            backlog.slip_in_control();
            match backlog.write(stream) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(bytes) => {
                    written += bytes;
                    backlog.take(bytes);
                    if backlog.left == 0 {
                        self.backlog = None;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Flushed { bytes: written, is_all: self.backlog.is_none() })
    }

    /// Writes as much as the peer takes of what many are sent, past an outbox that is empty.
    pub fn post(&self, bytes: &[u8], stream: &mut impl Write) -> io::Result<Flushed> {
        debug_assert!(self.is_empty(), "what waits goes first");
        let written = write_all_of(bytes, stream)?;
        Ok(Flushed { bytes: written, is_all: written == bytes.len() })
    }

    /// Holds what was left of that, by reference.
    pub fn hold_rest(&mut self, shared: Bytes, written: usize) {
        self.push_reference(shared);
        self.note_taken(written);
    }

    /// Notes that so much of what has just become the backlog is written.
    fn note_taken(&mut self, bytes: usize) {
        self.backlog.as_mut().expect("something was left").take(bytes);
    }

    /// Gives back the buffer, once nothing waits in it.
    pub fn take_buffer(&mut self) -> Option<Sheet> {
        (self.open.is_there() && self.open.is_empty()).then(|| std::mem::take(&mut self.open))
    }

    /// Moves the open buffer behind the backlog.
    fn freeze(&mut self) {
        if !self.open.is_empty() {
            let open = Bytes::from(std::mem::take(&mut self.open).into_bytes());
            self.backlog.get_or_insert_default().push(Part { bytes: open, is_shared: false });
        }
    }
}

impl Part {
    fn bytes_owned(&self) -> usize {
        if self.is_shared { 0 } else { self.bytes.len() }
    }
}

impl Backlog {
    fn push(&mut self, part: Part) {
        self.left += part.bytes.len();
        self.owned += part.bytes_owned();
        self.parts.push_back(part);
    }

    /// Notes that so many more bytes are written.
    fn take(&mut self, bytes: usize) {
        self.left -= bytes;
        self.taken += bytes;
        while let Some(first) = self.parts.front()
            && self.taken >= first.bytes.len()
        {
            self.taken -= first.bytes.len();
            self.owned -= first.bytes_owned();
            self.parts.pop_front();
        }
    }

    fn write(&self, stream: &mut impl Write) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); SLICES_MAX];
        let mut count = 0;
        for (slice, part) in slices.iter_mut().zip(&self.parts) {
            let from = if count == 0 { self.taken } else { 0 };
            *slice = IoSlice::new(&part.bytes[from..]);
            count += 1;
        }
        match count {
            1 => stream.write(&slices[0]),
            _ => stream.write_vectored(&slices[..count]),
        }
    }

    /// Puts waiting control frames at the first boundary that is not behind us.
    fn slip_in_control(&mut self) {
        if self.control.is_empty() {
            return;
        }
        let control = Bytes::from(std::mem::take(&mut self.control));
        self.left += control.len();
        self.owned += control.len();
        let control = Part { bytes: control, is_shared: false };
        let Some(Part { bytes: first, is_shared }) = self.parts.front() else {
            return self.parts.push_back(control);
        };
        match frame_boundary(first, self.taken) {
            Some(0) => self.parts.push_front(control),
            Some(boundary) if boundary < first.len() => {
                let is_shared = *is_shared;
                let rest = Part { bytes: first.slice(boundary..), is_shared };
                self.parts[0] = Part { bytes: first.slice(..boundary), is_shared };
                self.parts.insert(1, control);
                self.parts.insert(2, rest);
                // A boundary that is reached already leaves an empty first part.
                self.take(0);
            }
            _ => self.parts.insert(1, control),
        }
    }
}

/// Writes as much of `bytes` as the peer takes, and says how much that was.
fn write_all_of(bytes: &[u8], stream: &mut impl Write) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(bytes) => written += bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// How far a flush got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flushed {
    pub bytes: usize,
    pub is_all: bool,
}

/// Bytes below which a shared encoding is copied: a copy of this size costs less than the
/// bookkeeping of a reference and its slice in the vectored write.
const SHARED_BYTES_MIN: usize = 1024;

/// Slices of one vectored write. 64: past 16 the gain per slice is nothing; the array stays small.
const SLICES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::websocket::{encode_ping, encode_text};

    /// Takes so many bytes a write, up to a window.
    struct Peer {
        got: Vec<u8>,
        per_write: usize,
        window: usize,
    }

    impl Write for Peer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let takes = bytes.len().min(self.per_write).min(self.window);
            if takes == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.window -= takes;
            self.got.extend_from_slice(&bytes[..takes]);
            Ok(takes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn message(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        encode_text(&mut out, text);
        out
    }

    #[test]
    fn bytes_arrive_in_order_however_the_peer_takes_them() {
        for per_write in [1, 2, 3, 1000] {
            for window in 0..40 {
                let mut outbox = Outbox::default();
                let mut peer = Peer { got: Vec::new(), per_write, window };
                outbox.open().extend_from_slice(b"own bytes, ");
                outbox.flush(&mut peer).expect("the peer is there");
                outbox.push_shared(&Bytes::from_static(b"shared bytes, "));
                outbox.open().extend_from_slice(b"and own again");
                outbox.flush(&mut peer).expect("the peer is there");
                peer.window = usize::MAX;
                let flushed = outbox.flush(&mut peer).expect("the peer is there");
                assert!(flushed.is_all);
                assert_eq!(outbox.len(), 0);
                assert_eq!(peer.got, b"own bytes, shared bytes, and own again");
            }
        }
    }

    #[test]
    fn a_control_frame_overtakes_what_waits_at_the_next_boundary() {
        let messages = [message("first"), message("second"), message("third")];
        let all: Vec<u8> = messages.concat();
        let mut ping = Vec::new();
        encode_ping(&mut ping, b"!");
        for taken in 0..all.len() {
            let mut outbox = Outbox::default();
            let mut peer = Peer { got: Vec::new(), per_write: 1000, window: taken };
            outbox.open().extend_from_slice(&all);
            outbox.flush(&mut peer).expect("the peer is there");
            outbox.push_control(&ping);
            peer.window = usize::MAX;
            outbox.flush(&mut peer).expect("the peer is there");
            let mut boundary = 0;
            let mut expected = Vec::new();
            let mut is_said = false;
            for message in &messages {
                if boundary >= taken && !is_said {
                    expected.extend_from_slice(&ping);
                    is_said = true;
                }
                expected.extend_from_slice(message);
                boundary += message.len();
            }
            if !is_said {
                expected.extend_from_slice(&ping);
            }
            assert_eq!(peer.got, expected, "{taken} bytes were taken before");
        }
    }

    #[test]
    fn an_outbox_holds_what_is_its_own_and_not_what_it_shares() {
        let mut outbox = Outbox::default();
        let mut peer = Peer { got: Vec::new(), per_write: 1000, window: 1 };
        outbox.open().extend_from_slice(&[7; 500]);
        outbox.flush(&mut peer).expect("the peer is there");
        outbox.push_shared(&Bytes::from_static(&[7; 5000]));
        assert_eq!(outbox.bytes_held(), 500 + 2 * size_of::<Part>());
        outbox.open().extend_from_slice(&[7; 300]);
        outbox.push_control(&[7; 20]);
        assert_eq!(outbox.bytes_held(), 820 + 2 * size_of::<Part>());
        outbox.cut(0);
        assert_eq!(outbox.bytes_held(), 500 + size_of::<Part>(), "the rest of what is begun");
        peer.window = usize::MAX;
        outbox.flush(&mut peer).expect("the peer is there");
        assert_eq!(outbox.bytes_held(), 0);
    }

    #[test]
    fn what_many_are_sent_is_held_by_reference_from_where_a_peer_stops() {
        let all = [message("first"), message("second"), message("third")].concat();
        let shared = Bytes::from(all.clone());
        for window in 0..=all.len() {
            let mut outbox = Outbox::default();
            let mut peer = Peer { got: Vec::new(), per_write: 5, window };
            let flushed = outbox.post(&shared, &mut peer).expect("the peer is there");
            assert_eq!(flushed, Flushed { bytes: window, is_all: window == all.len() });
            if !flushed.is_all {
                outbox.hold_rest(shared.clone(), flushed.bytes);
                assert_eq!(outbox.len(), all.len() - window);
                assert_eq!(outbox.bytes_held(), size_of::<Part>(), "none of it is its own");
            }
            peer.window = usize::MAX;
            outbox.flush(&mut peer).expect("the peer is there");
            assert_eq!((outbox.len(), &peer.got), (0, &all), "stopped after {window} bytes");
        }
    }

    #[test]
    fn a_flood_of_pongs_to_a_peer_that_does_not_read_is_one_pong() {
        let mut outbox = Outbox::default();
        let mut peer = Peer { got: Vec::new(), per_write: 1000, window: 1 };
        outbox.open().extend_from_slice(&message("stuck"));
        outbox.flush(&mut peer).expect("the peer is there");
        let before = outbox.len();
        for _ in 0..10_000 {
            outbox.push_control(b"\x8a\x00");
        }
        assert_eq!(outbox.len(), before);
    }
}
