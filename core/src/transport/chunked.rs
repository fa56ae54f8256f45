//! The chunked transport: a render is a chunk (RFC 9112, section 7.1).

use super::{Event, Payload, RenderError, regular};
use crate::protocol::http::encode_chunk;

/// Appends one chunk; nothing for an empty one, which would end the body.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    match &event.payload {
        Payload::Text(text) => encode_chunk(out, text.as_bytes()),
        Payload::Binary(bytes) => encode_chunk(out, bytes),
        Payload::Json(_) => {
            // The length of JSON is known once it stands: room for it first, the digits after.
            let start = out.len();
            out.extend_from_slice(SIZE_ROOM);
            if let Err(error) = regular::render(event, out) {
                out.truncate(start);
                return Err(error);
            }
            let length = out.len() - start - SIZE_ROOM.len();
            write_size(&mut out[start..start + SIZE_DIGITS], length);
            out.extend_from_slice(b"\r\n");
        }
        Payload::Comment(_) | Payload::Nothing => {}
    }
    Ok(())
}

/// Writes `length` in hexadecimal with leading zeros, which a chunk size may have.
fn write_size(digits: &mut [u8], mut length: usize) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[length & 0xf];
        length >>= 4;
    }
}

/// Eight digits: chunks of up to 4 GiB.
const SIZE_DIGITS: usize = 8;
const SIZE_ROOM: &[u8] = b"00000000\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(event: Event<'_>) -> String {
        let mut out = Vec::new();
        render(&event, &mut out).expect("it renders");
        String::from_utf8(out).expect("it is text")
    }

    #[test]
    fn each_render_is_one_chunk_counted_in_bytes() {
        assert_eq!(rendered("Hello".into()), "5\r\nHello\r\n");
        assert_eq!(rendered("né".into()), "3\r\nné\r\n");
        assert_eq!(rendered(Event::json(&[1, 2, 3])), "00000007\r\n[1,2,3]\r\n");
    }

    #[test]
    fn an_empty_render_does_not_end_the_body() {
        assert_eq!(rendered("".into()), "");
        assert_eq!(rendered(Event::comment("nothing to see")), "");
    }
}
