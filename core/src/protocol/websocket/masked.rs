//! Messages into frames as a client sends them (RFC 6455, section 5.3).
//!
//! The functions of the server's side by the same names, each with the masking key of its frame.
//! A key must be one that the peer's scripts cannot guess, new for every frame.

use super::encoder::{ROOM_BYTES, close_up, cut, data_opcode, make_room, write_close, write_frame};
use super::{Fault, Mark, Opcode};

/// Appends a text message.
pub fn encode_text(out: &mut Vec<u8>, key: [u8; 4], text: &str) {
    write_frame(out, Some(key), Opcode::Text, true, text.as_bytes());
}

/// Appends a binary message.
pub fn encode_binary(out: &mut Vec<u8>, key: [u8; 4], bytes: &[u8]) {
    write_frame(out, Some(key), Opcode::Binary, true, bytes);
}

/// Appends a message; if it is text, `payload` must be UTF-8.
pub fn encode_message(out: &mut Vec<u8>, key: [u8; 4], is_text: bool, payload: &[u8]) {
    write_frame(out, Some(key), data_opcode(is_text), true, payload);
}

/// Appends one frame as it is told, for a message in fragments (section 5.4).
///
/// The caller keeps the rules: a control frame is final and at most 125 bytes long.
pub fn encode_frame(
    out: &mut Vec<u8>,
    key: [u8; 4],
    opcode: Opcode,
    is_final: bool,
    payload: &[u8],
) {
    write_frame(out, Some(key), opcode, is_final, payload);
}

/// Appends a ping; what a control frame cannot hold, beyond 125 bytes, is cut off.
pub fn encode_ping(out: &mut Vec<u8>, key: [u8; 4], payload: &[u8]) {
    write_frame(out, Some(key), Opcode::Ping, true, cut(payload));
}

/// Appends a pong, which repeats the payload of the ping it answers.
pub fn encode_pong(out: &mut Vec<u8>, key: [u8; 4], payload: &[u8]) {
    write_frame(out, Some(key), Opcode::Pong, true, cut(payload));
}

/// Appends a close frame; the reason is cut to 123 bytes, never inside a character.
///
/// # Errors
/// [`Fault::CloseCode`] if the code may not be sent; nothing is appended.
pub fn encode_close(
    out: &mut Vec<u8>,
    key: [u8; 4],
    close: Option<(u16, &str)>,
) -> Result<(), Fault> {
    write_close(out, Some(key), close)
}

/// Begins a message: what is appended until [`end_message`] is its payload.
///
/// [`abandon_message`](super::abandon_message) takes it back.
pub fn begin_message(out: &mut Vec<u8>) -> Mark {
    make_room(out, ROOM_BYTES + size_of::<[u8; 4]>())
}

/// Ends a message: masks all that follows `mark` and writes the shortest header in front of it.
pub fn end_message(out: &mut Vec<u8>, mark: Mark, key: [u8; 4], is_text: bool) {
    close_up(out, &mark, Some(key), data_opcode(is_text), false);
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

    #[test]
    fn the_masked_frames_of_the_rfc_are_made() {
        let mut out = Vec::new();
        encode_text(&mut out, KEY, "Hello");
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert_eq!(out, hello);
        out.clear();
        encode_pong(&mut out, KEY, b"Hello");
        assert_eq!(out[0], 0x8a);
        assert_eq!(out[1..], hello[1..]);
    }

    #[test]
    fn a_message_written_in_place_is_the_message_encoded_whole() {
        for length in [0, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let (mut whole, mut in_place) = (Vec::new(), Vec::new());
            encode_message(&mut whole, KEY, false, &payload);
            let mark = begin_message(&mut in_place);
            in_place.extend_from_slice(&payload);
            end_message(&mut in_place, mark, KEY, false);
            assert!(in_place == whole, "{length} bytes");
        }
    }
}
