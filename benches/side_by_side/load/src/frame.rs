//! Frames of a WebSocket, by hand (RFC 6455, section 5.2), and what they carry compressed (RFC
//! 7692).

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// The first byte of a whole message of text.
pub const TEXT: u8 = 0x81;

/// The first byte of a close.
pub const CLOSE: u8 = 0x88;

/// The bit of a first byte that says the message is compressed.
pub const PACKED: u8 = 0x40;

/// A frame as a client sends it, under a mask.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..=125 => frame.push(0x80 | length as u8),
        length @ ..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// As good as any: the figures do not depend on it.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame as a server sends it: its first byte, its payload, its length on the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub first: u8,
    pub payload: &'a [u8],
    pub bytes: usize,
}

impl<'a> Frame<'a> {
    /// Reads the frame that `heard` begins with; `None` until all of it has come.
    pub fn read(heard: &'a [u8]) -> Option<Self> {
        let (&first, &length) = (heard.first()?, heard.get(1)?);
        let (length, at) = match length & 0x7f {
            126 => (u16::from_be_bytes(heard.get(2..4)?.try_into().ok()?).into(), 4),
            127 => (u64::from_be_bytes(heard.get(2..10)?.try_into().ok()?) as usize, 10),
            length => (usize::from(length), 2),
        };
        let payload = heard.get(at..at + length)?;
        Some(Self { first, payload, bytes: at + length })
    }

    /// What it says, inflated if it is compressed.
    pub fn message(&self) -> Option<Vec<u8>> {
        match self.first & PACKED {
            0 => Some(self.payload.to_vec()),
            _ => unpack(self.payload),
        }
    }
}

/// Compresses a message that stands by itself.
pub fn pack(message: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(message.len() + 64);
    Compress::new(Compression::default(), false)
        .compress_vec(message, &mut packed, FlushCompress::Sync)
        .expect("memory is there");
    packed.truncate(packed.len() - TAIL.len());
    packed
}

/// Inflates a message that stands by itself; `None` if it is none.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut message = Vec::with_capacity(MESSAGE_BYTES_MAX);
    let packed = [packed, &TAIL].concat();
    let mut inflater = Decompress::new(false);
    inflater.decompress_vec(&packed, &mut message, FlushDecompress::Sync).ok()?;
    // Who ends the last block and not only the message leaves the tail unread.
    (inflater.total_in() as usize + TAIL.len() >= packed.len()).then_some(message)
}

/// What a flushed stream ends with and a message leaves out (RFC 7692, section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Bytes of the longest message that is sent compressed.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_when_they_are_whole() {
        for length in [0, 1, 125, 126, 1024, 65_535, 65_536] {
            let payload = vec![b'a'; length];
            let masked = masked(TEXT, &payload);
            // A server's frame is the client's without the mask.
            let header_bytes = masked.len() - length - 4;
            let mut sent = masked[..header_bytes].to_vec();
            sent[1] &= 0x7f;
            sent.extend_from_slice(&payload);
            for cut in [0, 1, 2, header_bytes, sent.len() - 1] {
                if cut < sent.len() {
                    assert_eq!(Frame::read(&sent[..cut]), None, "{length} cut at {cut}");
                }
            }
            let bytes = sent.len();
            sent.extend_from_slice(b"more");
            let whole = Frame { first: TEXT, payload: &payload, bytes };
            assert_eq!(Frame::read(&sent), Some(whole), "{length}");
        }
    }

    #[test]
    fn a_mask_hides_the_payload() {
        let frame = masked(TEXT, b"hello");
        assert_eq!(frame[..6], [TEXT, 0x85, 0x37, 0xfa, 0x21, 0x3d]);
        let bared: Vec<u8> =
            frame[6..].iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m).collect();
        assert_eq!(bared, b"hello");
    }

    #[test]
    fn compressed_messages_say_what_was_compressed() {
        let message = "a message of some length ".repeat(40).into_bytes();
        let packed = pack(&message);
        assert!(packed.len() < message.len() / 4);
        let frame = Frame { first: TEXT | PACKED, payload: &packed, bytes: 0 };
        assert_eq!(frame.message(), Some(message));
        let broken = Frame { first: TEXT | PACKED, payload: b"\xff\xff\xff", bytes: 0 };
        assert_eq!(broken.message(), None);
        let plain = Frame { first: TEXT, payload: b"plain", bytes: 0 };
        assert_eq!(plain.message().as_deref(), Some(&b"plain"[..]));
    }
}
