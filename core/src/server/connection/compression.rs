//! Compression on the way out: what connections share, and which of them have their own.

use bytes::Bytes;

use super::contexts::Contexts;
use crate::protocol::websocket::Role;
use crate::protocol::websocket::deflate::{Deflater, Direction, Inflater, WindowBits};
use crate::server::channels::hub::Publication;
use crate::server::channels::parcel::{Deflating, Wrapping};
use crate::server::engine::Engine;
use crate::transport::{Form, Sheet};

/// What all connections of a loop compress and inflate with; made when first needed.
#[derive(Default)]
pub(crate) struct Compression {
    /// One for each size of a window that a client asked for.
    deflaters: Deflaters,
    pub inflater: Option<Box<Inflater>>,
    /// The deflaters that are not shared.
    pub contexts: Contexts,
    /// What was compressed last to be shared.
    shared: Vec<u8>,
}

type Deflaters = [Option<Box<Deflater>>; WindowBits::COUNT];

impl Compression {
    /// Frames that anybody can be sent who agreed to such a window.
    pub fn compressed(&mut self, frames: &[u8], window_bits: WindowBits) -> &[u8] {
        let mut shared = std::mem::take(&mut self.shared);
        if shared.capacity() > SHARED_BYTES_KEPT {
            shared = Vec::new();
        }
        shared.clear();
        shared_deflater(&mut self.deflaters, window_bits).encode_frames(&mut shared, frames, 0);
        self.shared = shared;
        &self.shared
    }

    /// The encoding of a publication that all share who take it so.
    pub(crate) fn wrapped(
        &mut self,
        publication: &Publication,
        wrapping: Wrapping,
    ) -> Option<Bytes> {
        let Wrapping { form, deflate } = wrapping;
        let plain = publication.encoded(form)?;
        let deflate = deflate.filter(|deflate| plain.len() >= deflate.bytes_min);
        Some(match deflate {
            None => plain.clone(),
            Some(Deflating { window_bits, .. }) => {
                publication.deflated(form, window_bits, plain, self)
            }
        })
    }
}

/// The deflater of messages that stand each by itself.
fn shared_deflater(deflaters: &mut Deflaters, window_bits: WindowBits) -> &mut Deflater {
    let deflater = || Box::new(Deflater::anew(window_bits));
    deflaters[window_bits.index()].get_or_insert_with(deflater)
}

impl Engine {
    /// Moves what a session has rendered into the outbox, compressed as it was agreed.
    pub(crate) fn move_deflated(&mut self, key: usize, seat: usize, rendered: &mut Sheet) {
        let bytes_min = self.deflate_bytes_min(seat);
        let held_max = self.contexts_held_max();
        let desk = self.seats[seat].session.peek();
        let outbox = &mut self.connections[key].outbox;
        let (head, frames) = rendered.split_at(head_bytes(rendered));
        let direction = desk.wire.deflating(Role::Server);
        // A context is made for what is said in it, and a head is not.
        let is_worth_it = !frames.is_empty() && frames.len() >= bytes_min;
        let Some(direction) = direction.filter(|_| is_worth_it) else {
            return outbox.append(rendered);
        };
        outbox.lent(&mut self.buffers).extend_from_slice(head);
        let Compression { contexts, deflaters, .. } = &mut self.compression;
        let own = match direction.takes_over {
            true => contexts.deflater(seat, direction, self.hub.ledger(), held_max),
            false => None,
        };
        let deflater = own.unwrap_or_else(|| shared_deflater(deflaters, direction.window_bits));
        deflater.encode_frames(outbox.open(), frames, bytes_min);
        self.effort += frames.len() * DEFLATING_EFFORT;
    }

    /// What it will take to compress what a session has rendered and not yet moved on, in bytes
    /// read.
    pub(crate) fn effort_to_come(&self, key: usize) -> usize {
        let Some(seat) = self.connections.get(key).and_then(|connection| connection.seat()) else {
            return 0;
        };
        let desk = self.seats[seat].session.peek();
        let is_worth_it = desk.wire.deflates() && desk.out.len() >= self.deflate_bytes_min(seat);
        if is_worth_it { desk.out.len() * DEFLATING_EFFORT } else { 0 }
    }

    /// The encoding of a publication that one seat shares with all who agreed to the same.
    ///
    /// One whose messages point back to those before them shares none: it is put into its outbox
    /// right here.
    pub(crate) fn encoding_for(
        &mut self,
        seat: usize,
        key: usize,
        publication: &Publication,
        (form, plain): (Form, &Bytes),
    ) -> Option<Bytes> {
        self.surroundings.figures.shared.add(1);
        let bytes_min = self.deflate_bytes_min(seat);
        let held_max = self.contexts_held_max();
        let desk = self.seats[seat].session.peek();
        let direction = desk.wire.deflating(Role::Server).filter(|_| plain.len() >= bytes_min);
        let Some(Direction { takes_over, window_bits }) = direction else {
            return Some(plain.clone());
        };
        if takes_over
            && let direction = (Direction { takes_over, window_bits })
            && let contexts = &mut self.compression.contexts
            && let Some(deflater) = contexts.deflater(seat, direction, self.hub.ledger(), held_max)
        {
            deflater.encode_frames(self.connections[key].outbox.open(), plain, bytes_min);
            return None;
        }
        Some(publication.deflated(form, window_bits, plain, &mut self.compression))
    }

    pub(crate) fn deflate_bytes_min(&self, seat: usize) -> usize {
        let declaration = self.seats[seat].session.peek().declaration;
        declaration.deflate_bytes_min.unwrap_or(self.limits.deflate_bytes_min)
    }
}

/// Bytes that are inflated in the time that one is compressed.
///
/// 8: a mebibyte of noise takes 5 to 7 ms, and 16 in messages of 256 bytes; one of JSON takes 1 to
/// 8, and 0.6 to 2 to inflate again. So a turn of 1 MiB is over in 2 ms.
const DEFLATING_EFFORT: usize = 8;

/// Bytes of the head in front of the frames, if one is there: no frame begins as a head does.
fn head_bytes(rendered: &[u8]) -> usize {
    const END: &[u8] = b"\r\n\r\n";
    if !rendered.starts_with(b"HTTP/") {
        return 0;
    }
    let end = rendered.windows(END.len()).position(|bytes| bytes == END);
    end.map_or(0, |end| end + END.len())
}

/// Bytes of room kept for what is compressed to be shared: more than most events have.
const SHARED_BYTES_KEPT: usize = 512 * 1024;
