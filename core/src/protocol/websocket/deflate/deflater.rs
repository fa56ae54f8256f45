//! Messages into compressed ones (RFC 7692, section 7.2.1).

use flate2::{Compress, Compression, FlushCompress};

use super::super::encoder::{
    ROOM_BYTES, abandon_message, close_up, data_opcode, make_room, write_frame,
};
use super::super::header::server_frame;
use super::{Direction, TAIL, WindowBits};

/// Compresses the messages of one side.
///
/// One that takes no context over serves any number of connections.
#[derive(Debug)]
pub struct Deflater {
    zlib: Compress,
    takes_over: bool,
}

/// The level of zlib.
///
/// 1: for messages of some kilobytes it takes a third of the time that the default 6 takes, most
/// of which goes into a code of its own for each message, and makes them a third longer; half of
/// their length it saves as well. It is the loop's time, so it is everybody's.
const LEVEL: Compression = Compression::new(1);

impl Deflater {
    /// Makes a deflater for messages in this direction.
    pub fn new(direction: Direction) -> Self {
        let Direction { takes_over, window_bits } = direction;
        let zlib = Compress::new_with_window_bits(LEVEL, false, window_bits.get());
        Self { zlib, takes_over }
    }

    /// Makes one that compresses each message by itself.
    pub fn anew(window_bits: WindowBits) -> Self {
        Self::new(Direction { takes_over: false, window_bits })
    }

    /// Bytes of heap that one with such a window takes: four windows, and what does not depend on
    /// them.
    pub const fn bytes_held(window_bits: WindowBits) -> usize {
        4 * window_bits.bytes() + CONSTANT_BYTES
    }

    /// Appends a message as a server sends it, compressed; if it is text, `payload` must be UTF-8.
    ///
    /// One that is empty, or does not get shorter, is appended as it is. The latter only where no
    /// context is taken over: there the next message would point into what was never sent.
    pub fn encode_message(&mut self, out: &mut Vec<u8>, is_text: bool, payload: &[u8]) {
        self.encode(out, None, is_text, payload);
    }

    /// Appends a message as a client sends it, masked with `key`; else the same.
    pub fn encode_masked(
        &mut self,
        out: &mut Vec<u8>,
        key: [u8; 4],
        is_text: bool,
        payload: &[u8],
    ) {
        self.encode(out, Some(key), is_text, payload);
    }

    /// Appends the frames of a server, compressing the messages among them of `bytes_min` and
    /// more.
    ///
    /// All else is appended as it is: control frames, fragments, what is compressed already.
    pub fn encode_frames(&mut self, out: &mut Vec<u8>, frames: &[u8], bytes_min: usize) {
        let mut rest = frames;
        while let Some((header, payload)) = server_frame(rest) {
            let Some(frame) = rest.get(..payload.end) else { break };
            let is_message = header.is_final && header.opcode.begins_message();
            if is_message && !header.is_deflated && payload.len() >= bytes_min {
                let is_text = header.opcode == data_opcode(true);
                self.encode_message(out, is_text, &frame[payload.clone()]);
            } else {
                out.extend_from_slice(frame);
            }
            rest = &rest[payload.end..];
        }
        out.extend_from_slice(rest);
    }

    fn encode(&mut self, out: &mut Vec<u8>, key: Option<[u8; 4]>, is_text: bool, payload: &[u8]) {
        let opcode = data_opcode(is_text);
        if payload.is_empty() {
            return write_frame(out, key, opcode, true, payload);
        }
        if !self.takes_over {
            self.zlib.reset();
        }
        let mark = make_room(out, ROOM_BYTES + key.map_or(0, |key| key.len()));
        self.deflate(payload, out);
        let is_shorter = out.len() - mark.payload < payload.len();
        if is_shorter || self.takes_over {
            close_up(out, &mark, key, opcode, true);
        } else {
            abandon_message(out, mark);
            write_frame(out, key, opcode, true, payload);
        }
    }

    /// Appends what `payload` is compressed to, flushed and without its tail.
    fn deflate(&mut self, payload: &[u8], out: &mut Vec<u8>) {
        out.reserve(payload.len() + payload.len() / 8 + SLACK_BYTES);
        let start = self.zlib.total_in();
        loop {
            let taken = (self.zlib.total_in() - start) as usize;
            self.zlib
                .compress_vec(&payload[taken..], out, FlushCompress::Sync)
                .expect("a compressor takes any bytes");
            if out.len() < out.capacity() {
                break;
            }
            out.reserve(SLACK_BYTES);
        }
        debug_assert!(out.ends_with(&TAIL), "a flush ends so");
        out.truncate(out.len() - TAIL.len());
    }
}

/// Bytes that any compressor takes: most are a table of hashes and what is not yet written.
const CONSTANT_BYTES: usize = 240 * 1024;

/// Bytes a compressed message may have more than an eighth more than its payload, which is what
/// the longest codes of literals make of it: the ends of blocks, and a flush.
const SLACK_BYTES: usize = 64;
