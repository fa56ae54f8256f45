//! Messages into frames as a server sends them: unmasked, each in one piece (RFC 6455, section 5).
//!
//! Everything is appended to one `Vec`, header and payload side by side, so that it leaves in one
//! write. What a client sends is made by the functions of the same names in `masked`.

use super::header::{Header, server_frame};
use super::{CONTROL_BYTES_MAX, Fault, Opcode, is_sendable_close_code, mask};

/// Appends a text message.
pub fn encode_text(out: &mut Vec<u8>, text: &str) {
    write_frame(out, None, Opcode::Text, true, text.as_bytes());
}

/// Appends a binary message.
pub fn encode_binary(out: &mut Vec<u8>, bytes: &[u8]) {
    write_frame(out, None, Opcode::Binary, true, bytes);
}

/// Appends a message; if it is text, `payload` must be UTF-8.
pub fn encode_message(out: &mut Vec<u8>, is_text: bool, payload: &[u8]) {
    write_frame(out, None, data_opcode(is_text), true, payload);
}

/// Appends one frame as it is told, for a message in fragments (section 5.4).
///
/// The caller keeps the rules: a control frame is final and at most 125 bytes long.
pub fn encode_frame(out: &mut Vec<u8>, opcode: Opcode, is_final: bool, payload: &[u8]) {
    write_frame(out, None, opcode, is_final, payload);
}

/// Appends a ping; what a control frame cannot hold, beyond 125 bytes, is cut off.
pub fn encode_ping(out: &mut Vec<u8>, payload: &[u8]) {
    write_frame(out, None, Opcode::Ping, true, cut(payload));
}

/// Appends a pong, which repeats the payload of the ping it answers.
pub fn encode_pong(out: &mut Vec<u8>, payload: &[u8]) {
    write_frame(out, None, Opcode::Pong, true, cut(payload));
}

/// Appends a close frame; the reason is cut to 123 bytes, never inside a character.
///
/// # Errors
/// [`Fault::CloseCode`] if the code may not be sent; nothing is appended.
pub fn encode_close(out: &mut Vec<u8>, close: Option<(u16, &str)>) -> Result<(), Fault> {
    write_close(out, None, close)
}

/// Where a message begins that is being written straight into its outbox.
#[derive(Debug)]
#[must_use = "a message that is begun must be ended or abandoned"]
pub struct Mark {
    /// Where the header's place begins.
    pub(super) start: usize,
    /// Where the payload begins.
    pub(super) payload: usize,
}

/// Bytes kept free for the header of a message being written.
///
/// The header of 126 bytes to 64 KiB, which then need no move. Shorter ones move two bytes back,
/// which is next to nothing; longer ones six ahead, which is little next to sending them.
pub(super) const ROOM_BYTES: usize = 4;

/// Begins a message: what is appended until [`end_message`] is its payload.
pub fn begin_message(out: &mut Vec<u8>) -> Mark {
    make_room(out, ROOM_BYTES)
}

/// Ends a message: writes the shortest header in front of all that follows `mark`.
pub fn end_message(out: &mut Vec<u8>, mark: Mark, is_text: bool) {
    close_up(out, &mark, None, data_opcode(is_text), false);
}

/// Takes up a message of a server again that begins at `start` and ends `out`: what is appended
/// until [`end_message`] is more of its payload.
///
/// `None` if there is no such message, or it is compressed.
pub fn resume_message(out: &[u8], start: usize) -> Option<Mark> {
    let (header, payload) = server_frame(out.get(start..)?)?;
    let is_plain = header.is_final && !header.opcode.is_control() && !header.is_deflated;
    (is_plain && start + payload.end == out.len())
        .then_some(Mark { start, payload: start + payload.start })
}

/// Takes a message back that was begun, with all that was written of it.
pub fn abandon_message(out: &mut Vec<u8>, mark: Mark) {
    out.truncate(mark.start);
}

pub(super) fn data_opcode(is_text: bool) -> Opcode {
    if is_text { Opcode::Text } else { Opcode::Binary }
}

/// As much of a payload as a control frame holds.
pub(super) fn cut(payload: &[u8]) -> &[u8] {
    &payload[..payload.len().min(CONTROL_BYTES_MAX)]
}

#[inline]
pub(super) fn write_frame(
    out: &mut Vec<u8>,
    key: Option<[u8; 4]>,
    opcode: Opcode,
    is_final: bool,
    payload: &[u8],
) {
    let payload_bytes = payload.len() as u64;
    let header = Header { opcode, is_final, is_deflated: false, key, payload_bytes };
    let (header, header_bytes) = header.spell();
    out.reserve(header.len() + payload.len());
    // All there is room for is copied faster than what there is of it.
    out.extend_from_slice(&header);
    out.truncate(out.len() - header.len() + header_bytes);
    out.extend_from_slice(payload);
    if let Some(key) = key {
        let start = out.len() - payload.len();
        mask::apply(key, &mut out[start..]);
    }
}

pub(super) fn write_close(
    out: &mut Vec<u8>,
    key: Option<[u8; 4]>,
    close: Option<(u16, &str)>,
) -> Result<(), Fault> {
    let mut payload = [0; CONTROL_BYTES_MAX];
    let mut payload_bytes = 0;
    if let Some((code, reason)) = close {
        if !is_sendable_close_code(code) {
            return Err(Fault::CloseCode { code });
        }
        let reason = &reason[..reason.floor_char_boundary(CONTROL_BYTES_MAX - 2)];
        payload_bytes = 2 + reason.len();
        payload[..2].copy_from_slice(&code.to_be_bytes());
        payload[2..payload_bytes].copy_from_slice(reason.as_bytes());
    }
    write_frame(out, key, Opcode::Close, true, &payload[..payload_bytes]);
    Ok(())
}

pub(super) fn make_room(out: &mut Vec<u8>, bytes: usize) -> Mark {
    let start = out.len();
    out.resize(start + bytes, 0);
    Mark { start, payload: out.len() }
}

/// Writes the header into its place, moving the payload if that is wider or narrower.
pub(super) fn close_up(
    out: &mut Vec<u8>,
    mark: &Mark,
    key: Option<[u8; 4]>,
    opcode: Opcode,
    is_deflated: bool,
) {
    let &Mark { start, payload } = mark;
    let payload_bytes = out.len() - payload;
    let header =
        Header { opcode, is_final: true, is_deflated, key, payload_bytes: payload_bytes as u64 };
    let (header, header_bytes) = header.spell();
    let moved = start + header_bytes;
    if moved > payload {
        out.resize(moved + payload_bytes, 0);
    }
    if moved != payload {
        out.copy_within(payload..payload + payload_bytes, moved);
    }
    out.truncate(moved + payload_bytes);
    out[start..moved].copy_from_slice(&header[..header_bytes]);
    if let Some(key) = key {
        mask::apply(key, &mut out[moved..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [usize; 9] = [0, 1, 124, 125, 126, 127, 65_535, 65_536, 70_000];

    #[test]
    fn the_frames_of_the_rfc_are_made() {
        let long = vec![7; 65_536];
        let header_of = |out: &[u8], payload: &[u8]| {
            assert!(out.ends_with(payload));
            out[..out.len() - payload.len()].to_vec()
        };
        let mut out = Vec::new();
        encode_text(&mut out, "Hello");
        assert_eq!(out, [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        out.clear();
        encode_frame(&mut out, Opcode::Text, false, b"Hel");
        encode_frame(&mut out, Opcode::Continuation, true, b"lo");
        assert_eq!(out, [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f]);
        out.clear();
        encode_ping(&mut out, b"Hello");
        assert_eq!(out, [0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        out.clear();
        encode_binary(&mut out, &long[..256]);
        assert_eq!(header_of(&out, &long[..256]), [0x82, 0x7e, 0x01, 0x00]);
        out.clear();
        encode_binary(&mut out, &long);
        assert_eq!(header_of(&out, &long), [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_message_written_in_place_is_the_message_encoded_whole() {
        for length in LENGTHS {
            let payload = vec![b'x'; length];
            let (mut whole, mut in_place) = (b"before".to_vec(), b"before".to_vec());
            encode_message(&mut whole, true, &payload);
            encode_message(&mut whole, false, b"after");
            let mark = begin_message(&mut in_place);
            in_place.extend_from_slice(&payload);
            end_message(&mut in_place, mark, true);
            encode_binary(&mut in_place, b"after");
            assert!(in_place == whole, "{length} bytes");
        }
    }

    #[test]
    fn a_message_taken_up_again_is_the_message_encoded_whole() {
        for length in LENGTHS {
            for more in [0, 1, 100] {
                let (mut whole, mut resumed) = (b"before".to_vec(), b"before".to_vec());
                encode_message(&mut whole, true, &vec![b'x'; length + more]);
                encode_message(&mut resumed, true, &vec![b'x'; length]);
                let mark = resume_message(&resumed, 6).expect("a message begins there");
                resumed.resize(resumed.len() + more, b'x');
                end_message(&mut resumed, mark, true);
                assert!(resumed == whole, "{length} bytes and {more} more");
            }
        }
    }

    #[test]
    fn only_a_message_that_is_the_last_is_taken_up_again() {
        let mut out = Vec::new();
        encode_text(&mut out, "first");
        assert!(resume_message(&out[..6], 0).is_none(), "it is cut");
        assert!(resume_message(&out, 1).is_none(), "it begins before");
        assert!(resume_message(&out, 99).is_none(), "it is gone");
        let start = out.len();
        encode_ping(&mut out, b"");
        assert!(resume_message(&out, 0).is_none(), "it is not the last");
        assert!(resume_message(&out, start).is_none(), "it is no message");
    }

    #[test]
    fn a_message_abandoned_leaves_nothing() {
        let mut out = b"before".to_vec();
        let mark = begin_message(&mut out);
        out.extend_from_slice(b"half a mess");
        abandon_message(&mut out, mark);
        assert_eq!(out, b"before");
    }

    #[test]
    fn control_payloads_are_cut_to_what_fits() {
        let mut out = Vec::new();
        encode_ping(&mut out, &[0; 200]);
        assert_eq!((out[1], out.len()), (125, 127));
        out.clear();
        encode_pong(&mut out, &[0; 126]);
        assert_eq!((out[1], out.len()), (125, 127));
    }

    #[test]
    fn close_frames_carry_a_code_and_as_much_reason_as_fits() {
        let long = format!("{}é", "x".repeat(122));
        for (close, payload) in [
            (None, Vec::new()),
            (Some((1000, "")), b"\x03\xe8".to_vec()),
            (Some((4999, "bye")), b"\x13\x87bye".to_vec()),
            (Some((1001, &*long)), [b"\x03\xe9", &long.as_bytes()[..122]].concat()),
        ] {
            let mut out = Vec::new();
            assert_eq!(encode_close(&mut out, close), Ok(()));
            assert_eq!(out[..2], [0x88, payload.len() as u8], "{close:?}");
            assert_eq!(out[2..], payload, "{close:?}");
        }
    }

    #[test]
    fn close_codes_that_may_not_be_sent_append_nothing() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
            let mut out = Vec::new();
            assert_eq!(encode_close(&mut out, Some((code, ""))), Err(Fault::CloseCode { code }));
            assert!(out.is_empty(), "{code}");
        }
    }
}
