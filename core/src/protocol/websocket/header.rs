//! The header of a frame (RFC 6455, section 5.2), read and written.
//!
//! It knows nothing of the frames before it: what may follow what is the decoder's to judge.

use std::fmt;
use std::ops::Range;

use super::{Fault, Role};

/// What a frame is (section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// More of the message begun before.
    Continuation = 0x0,
    /// The beginning of a text message.
    Text = 0x1,
    /// The beginning of a binary message.
    Binary = 0x2,
    /// The last frame of this side.
    Close = 0x8,
    /// A question whether the peer is alive.
    Ping = 0x9,
    /// The answer to that.
    Pong = 0xa,
}

impl Opcode {
    fn read(bits: u8) -> Result<Self, Fault> {
        Ok(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            opcode => return Err(Fault::Opcode { opcode }),
        })
    }

    /// Whether frames of this kind may come between the fragments of a message (section 5.5).
    pub fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }

    /// Whether it is the kind of a message, and not more of one or none.
    pub(super) fn begins_message(self) -> bool {
        matches!(self, Self::Text | Self::Binary)
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Continuation => "continuation",
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Close => "close",
            Self::Ping => "ping",
            Self::Pong => "pong",
        })
    }
}

/// The longest header, in bytes: two, a 64-bit length and a key.
pub(super) const HEADER_BYTES_MAX: usize = 14;

const FINAL: u8 = 0x80;
const FINAL_TEXT: u8 = FINAL | Opcode::Text as u8;
const FINAL_BINARY: u8 = FINAL | Opcode::Binary as u8;
const RESERVED: u8 = 0x70;
const DEFLATED: u8 = 0x40;
const MASKED: u8 = 0x80;
/// The length that says the length follows in two bytes.
const LENGTH_IN_2: u8 = 126;
/// The length that says the length follows in eight bytes.
const LENGTH_IN_8: u8 = 127;

/// What stands before the payload of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub opcode: Opcode,
    pub is_final: bool,
    /// RSV1: the message that begins here is compressed (RFC 7692, section 6).
    pub is_deflated: bool,
    pub key: Option<[u8; 4]>,
    pub payload_bytes: u64,
}

impl Header {
    /// Reads the header at the front of `input` and the number of its bytes, or `None` until all
    /// of it has arrived; `role` is the side that reads, `deflates` whether messages may be
    /// compressed.
    ///
    /// # Errors
    /// Those of sections 5.1, 5.2 and 5.5, each when its byte arrives.
    #[inline]
    pub fn read(input: &[u8], role: Role, deflates: bool) -> Result<Option<(Self, usize)>, Fault> {
        let Some(&first) = input.first() else { return Ok(None) };
        let is_deflated = first & RESERVED != 0;
        if is_deflated {
            check_reserved(first, deflates)?;
        }
        let opcode = Opcode::read(first & 0xf)?;
        let is_final = first & FINAL != 0;
        if opcode.is_control() && !is_final {
            return Err(Fault::FragmentedControl { opcode });
        }
        let Some(&second) = input.get(1) else { return Ok(None) };
        let is_masked = second & MASKED != 0;
        match role {
            Role::Server if !is_masked => return Err(Fault::Unmasked { opcode }),
            Role::Client if is_masked => return Err(Fault::Masked { opcode }),
            Role::Server | Role::Client => {}
        }
        let length = second & !MASKED;
        if opcode.is_control() && length >= LENGTH_IN_2 {
            return Err(Fault::LongControl { opcode });
        }
        let Some((payload_bytes, rest)) = read_length(length, &input[2..])? else {
            return Ok(None);
        };
        let key = match (is_masked, rest.first_chunk::<4>()) {
            (false, _) => None,
            (true, Some(key)) => Some(*key),
            (true, None) => return Ok(None),
        };
        let bytes = input.len() - rest.len() + key.map_or(0, |key| key.len());
        Ok(Some((Self { opcode, is_final, is_deflated, key, payload_bytes }, bytes)))
    }

    /// Reads the header of a message that is one frame, not compressed and of at most 64 KiB, and
    /// the number of its bytes: of most there are. `None` for any other, and for one that is not
    /// whole or not right.
    #[inline]
    pub fn read_plain(input: &[u8], role: Role) -> Option<(Self, usize)> {
        let [first, second, rest @ ..] = input else { return None };
        let opcode = match *first {
            FINAL_TEXT => Opcode::Text,
            FINAL_BINARY => Opcode::Binary,
            _ => return None,
        };
        let (payload_bytes, rest, mut bytes) = match second & !MASKED {
            LENGTH_IN_8 => return None,
            LENGTH_IN_2 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                (u16::from_be_bytes(*length), rest, 4)
            }
            short => (u16::from(short), rest, 2),
        };
        if bytes == 4 && payload_bytes < u16::from(LENGTH_IN_2) {
            return None;
        }
        let key = match (role, second & MASKED != 0) {
            (Role::Server, true) => {
                bytes += 4;
                Some(*rest.first_chunk::<4>()?)
            }
            (Role::Client, false) => None,
            _ => return None,
        };
        let payload_bytes = u64::from(payload_bytes);
        Some((Self { opcode, is_final: true, is_deflated: false, key, payload_bytes }, bytes))
    }

    /// Spells the header, and says how many of the bytes it takes.
    #[inline]
    pub fn spell(&self) -> ([u8; HEADER_BYTES_MAX], usize) {
        let mut bytes = [0; HEADER_BYTES_MAX];
        bytes[0] = self.opcode as u8
            | if self.is_final { FINAL } else { 0 }
            | if self.is_deflated { DEFLATED } else { 0 };
        let mut end = 2;
        if self.payload_bytes < u64::from(LENGTH_IN_2) {
            bytes[1] = self.payload_bytes as u8;
        } else if let Ok(length) = u16::try_from(self.payload_bytes) {
            bytes[1] = LENGTH_IN_2;
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
            end = 4;
        } else {
            bytes[1] = LENGTH_IN_8;
            bytes[2..10].copy_from_slice(&self.payload_bytes.to_be_bytes());
            end = 10;
        }
        if let Some(key) = self.key {
            bytes[1] |= MASKED;
            bytes[end..end + key.len()].copy_from_slice(&key);
            end += key.len();
        }
        (bytes, end)
    }
}

/// Whether the bits above the opcode, some of which are set, say no more than that a message is
/// compressed, and that it may be.
fn check_reserved(first: u8, deflates: bool) -> Result<(), Fault> {
    let bits = first & RESERVED;
    if !deflates || bits != DEFLATED {
        return Err(Fault::ReservedBits { bits: bits >> 4, deflates });
    }
    match Opcode::read(first & 0xf)? {
        opcode if opcode.begins_message() => Ok(()),
        opcode => Err(Fault::DeflatedFrame { opcode }),
    }
}

/// The payload's length and what stands after it, or `None` until it has arrived.
#[inline]
fn read_length(short: u8, rest: &[u8]) -> Result<Option<(u64, &[u8])>, Fault> {
    let (bytes, rest, least) = match short {
        LENGTH_IN_2 => match rest.split_first_chunk::<2>() {
            Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), rest, 126),
            None => return Ok(None),
        },
        LENGTH_IN_8 => match rest.split_first_chunk::<8>() {
            Some((length, rest)) => (u64::from_be_bytes(*length), rest, 1 << 16),
            None => return Ok(None),
        },
        short => (u64::from(short), rest, 0),
    };
    if bytes < least {
        return Err(Fault::LengthForm { bytes });
    }
    if bytes >> 63 != 0 {
        return Err(Fault::LengthBit { bytes });
    }
    Ok(Some((bytes, rest)))
}

/// The header of the server's frame at the front of `bytes`, and where its payload lies.
///
/// The end may lie behind that of `bytes`. `None` if this is no header of a server, or not whole.
pub(super) fn server_frame(bytes: &[u8]) -> Option<(Header, Range<usize>)> {
    let (header, header_bytes) = Header::read(bytes, Role::Client, true).ok()??;
    let end = header_bytes.checked_add(usize::try_from(header.payload_bytes).ok()?)?;
    Some((header, header_bytes..end))
}

/// The first boundary between frames at or after `offset`, in `bytes` that a server encoded.
///
/// `bytes` begin with a frame; both their ends are boundaries, the last one if a frame ends there.
/// This is where a control frame can be slipped into a backlog that is partly written. `None` if
/// `offset` lies behind the last whole frame, or what stands before it is no frame of a server.
pub fn frame_boundary(bytes: &[u8], offset: usize) -> Option<usize> {
    let mut at = 0;
    while at < offset {
        let (_, payload) = server_frame(bytes.get(at..)?)?;
        at = at.checked_add(payload.end)?;
    }
    (at <= bytes.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelled_is_read() {
        for payload_bytes in [0, 1, 125, 126, 127, 65_535, 65_536, u64::MAX >> 1] {
            for (role, key) in [(Role::Client, None), (Role::Server, Some([1, 2, 3, 4]))] {
                for is_deflated in [false, true] {
                    let opcode = Opcode::Text;
                    let header = Header { opcode, is_final: true, is_deflated, key, payload_bytes };
                    let (bytes, length) = header.spell();
                    let is_short = !is_deflated && payload_bytes < 1 << 16;
                    for cut in 0..length {
                        let read = Header::read(&bytes[..cut], role, is_deflated);
                        assert_eq!(read, Ok(None), "cut at {cut}");
                        assert_eq!(Header::read_plain(&bytes[..cut], role), None, "cut at {cut}");
                    }
                    let read = Header::read(&bytes, role, is_deflated);
                    assert_eq!(read, Ok(Some((header, length))));
                    let plain = Header::read_plain(&bytes, role);
                    assert_eq!(plain, is_short.then_some((header, length)));
                }
            }
        }
    }

    #[test]
    fn a_wrong_byte_is_refused_when_it_arrives() {
        use Opcode::*;
        use Role::*;
        let bits = |bits| Fault::ReservedBits { bits, deflates: false };
        let form = |bytes| Fault::LengthForm { bytes };
        for (role, bytes, fault) in [
            (Server, &[0xc1][..], bits(0b100)),
            (Server, &[0xa1], bits(0b010)),
            (Server, &[0x91], bits(0b001)),
            (Server, &[0x83], Fault::Opcode { opcode: 3 }),
            (Server, &[0x87], Fault::Opcode { opcode: 7 }),
            (Server, &[0x8b], Fault::Opcode { opcode: 11 }),
            (Server, &[0x0f], Fault::Opcode { opcode: 15 }),
            (Server, &[0x08], Fault::FragmentedControl { opcode: Close }),
            (Server, &[0x09], Fault::FragmentedControl { opcode: Ping }),
            (Server, &[0x0a], Fault::FragmentedControl { opcode: Pong }),
            (Server, &[0x81, 0x05], Fault::Unmasked { opcode: Text }),
            (Client, &[0x82, 0x85], Fault::Masked { opcode: Binary }),
            (Server, &[0x89, 0xfe], Fault::LongControl { opcode: Ping }),
            (Server, &[0x88, 0xff], Fault::LongControl { opcode: Close }),
            (Client, &[0x81, 126, 0, 125], form(125)),
            (Client, &[0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], form(65_535)),
            (Client, &[0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], Fault::LengthBit { bytes: 1 << 63 }),
        ] {
            assert_eq!(Header::read(bytes, role, false), Err(fault), "{bytes:x?}");
            assert_eq!(Header::read_plain(bytes, role), None, "{bytes:x?}");
            let cut = &bytes[..bytes.len() - 1];
            assert_eq!(Header::read(cut, role, false), Ok(None), "{cut:x?}");
        }
    }

    #[test]
    fn only_the_first_frame_of_a_message_says_that_it_is_compressed() {
        let bits = |bits| Err(Fault::ReservedBits { bits, deflates: true });
        let frame = |opcode| Err(Fault::DeflatedFrame { opcode });
        for (first, read) in [
            (0xc1, Ok(None)),
            (0x41, Ok(None)),
            (0xc2, Ok(None)),
            (0x42, Ok(None)),
            (0xc0, frame(Opcode::Continuation)),
            (0x40, frame(Opcode::Continuation)),
            (0xc8, frame(Opcode::Close)),
            (0xc9, frame(Opcode::Ping)),
            (0xca, frame(Opcode::Pong)),
            (0xa1, bits(0b010)),
            (0x91, bits(0b001)),
            (0xe1, bits(0b110)),
            (0xd2, bits(0b101)),
            (0xc3, Err(Fault::Opcode { opcode: 3 })),
        ] {
            assert_eq!(Header::read(&[first], Role::Server, true), read, "{first:#x}");
        }
    }

    #[test]
    fn boundaries_are_found_by_walking_the_frames() {
        let mut frames = vec![0x81, 1, b'a'];
        frames.extend([0xc2, 126, 0, 126]);
        frames.extend([0; 126]);
        frames.extend([0x89, 0]);
        let boundaries = [0, 3, 133, 135];
        for offset in 0..=135 {
            let next = boundaries.into_iter().find(|boundary| *boundary >= offset);
            assert_eq!(frame_boundary(&frames, offset), next, "at {offset}");
        }
        assert_eq!(frame_boundary(&frames, 136), None, "behind the end");
        assert_eq!(frame_boundary(&frames[..132], 4), None, "the frame is cut");
        assert_eq!(frame_boundary(&frames[..5], 4), None, "the header is cut");
        assert_eq!(frame_boundary(&[0xff; 9], 1), None, "no frame");
        assert_eq!(frame_boundary(&[], 0), Some(0));
    }
}
