//! Compression on the way out: what connections share, and which of them have their own.

use bytes::Bytes;

use super::engine::Engine;
use super::hub::Publication;
use crate::protocol::websocket::deflate::{Deflater, Inflater, WindowBits};
use crate::transport::{Deflating, Form};

/// What all connections of a loop compress and inflate with; made when first needed.
#[derive(Default)]
pub(crate) struct Compression {
    /// One for each size of a window that a client asked for.
    deflaters: [Option<Box<Deflater>>; WindowBits::COUNT],
    pub inflater: Option<Box<Inflater>>,
    /// What was compressed last to be shared.
    shared: Vec<u8>,
}

impl Compression {
    /// Frames that anybody can be sent who agreed to such a window.
    pub fn compressed(&mut self, frames: &[u8], window_bits: WindowBits) -> &[u8] {
        let mut shared = std::mem::take(&mut self.shared);
        if shared.capacity() > SHARED_BYTES_KEPT {
            shared = Vec::new();
        }
        shared.clear();
        self.deflater(window_bits).encode_frames(&mut shared, frames, 0);
        self.shared = shared;
        &self.shared
    }

    /// The deflater of messages that stand each by itself.
    fn deflater(&mut self, window_bits: WindowBits) -> &mut Deflater {
        let deflater = || Box::new(Deflater::anew(window_bits));
        self.deflaters[window_bits.index()].get_or_insert_with(deflater)
    }

    /// Appends frames of one connection, with the messages of `bytes_min` and more compressed.
    fn encode_frames(
        &mut self,
        deflating: &mut Deflating,
        out: &mut Vec<u8>,
        frames: &[u8],
        bytes_min: usize,
    ) {
        let window_bits = deflating.direction().window_bits;
        let deflater = match deflating.own() {
            Some(own) => own,
            None => self.deflater(window_bits),
        };
        deflater.encode_frames(out, frames, bytes_min);
    }
}

impl Engine {
    /// Moves what a session has rendered into the outbox, compressed if that was agreed.
    pub(super) fn move_rendered(&mut self, key: usize, seat: usize) {
        let connection = &mut self.connections[key];
        let desk = self.seats[seat].session.desk();
        let bytes_min = desk.declaration.deflate_bytes_min.unwrap_or(self.limits.deflate_bytes_min);
        match &mut desk.wire.deflating {
            Some(deflating) if desk.out.len() >= bytes_min => {
                let out = connection.outbox.open();
                if out.capacity() == 0 {
                    *out = self.buffers.take();
                }
                let frames_at = std::mem::take(&mut deflating.frames_at) as usize;
                let (head, frames) = desk.out.split_at(frames_at.min(desk.out.len()));
                out.extend_from_slice(head);
                self.compression.encode_frames(deflating, out, frames, bytes_min);
                desk.out.clear();
            }
            deflating => {
                if let Some(deflating) = deflating {
                    deflating.frames_at = 0;
                }
                connection.outbox.append(&mut desk.out);
            }
        }
    }

    /// The encoding of a publication that one seat shares with all who agreed to the same.
    ///
    /// One whose messages point back to those before them shares none: it is put into its outbox
    /// right here.
    pub(super) fn encoding_for(
        &mut self,
        seat: usize,
        key: usize,
        publication: &Publication,
        form: Form,
    ) -> Option<Bytes> {
        let plain = publication.encoded(form)?;
        self.note_shared();
        let desk = self.seats[seat].session.desk();
        let bytes_min = desk.declaration.deflate_bytes_min.unwrap_or(self.limits.deflate_bytes_min);
        let Some(deflating) = desk.wire.deflating.as_mut().filter(|_| plain.len() >= bytes_min)
        else {
            return Some(plain);
        };
        if let Some(own) = deflating.own() {
            own.encode_frames(self.connections[key].outbox.open(), &plain, bytes_min);
            return None;
        }
        let window_bits = deflating.direction().window_bits;
        Some(publication.deflated(form, window_bits, &plain, &mut self.compression))
    }
}

/// Bytes of room kept for what is compressed to be shared: more than most events have.
const SHARED_BYTES_KEPT: usize = 512 * 1024;
