//! The chunked coding as it is sent (RFC 9112, section 7.1).

use super::{digits::push_hex, head_encoder::push_header, header::Header};

/// Appends one chunk; nothing if there is no data, because an empty chunk ends the body.
pub fn encode_chunk(out: &mut Vec<u8>, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    push_hex(out, data.len() as u64);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

/// Appends the end of the body, with trailers if there are any.
pub fn encode_last_chunk<'t, T: Into<Header<'t>>>(
    out: &mut Vec<u8>,
    trailers: impl IntoIterator<Item = T>,
) {
    out.extend_from_slice(b"0\r\n");
    for trailer in trailers {
        push_header(out, trailer.into());
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_TRAILERS: [Header<'_>; 0] = [];

    #[test]
    fn chunks_are_sizes_and_data() {
        let mut out = Vec::new();
        encode_chunk(&mut out, b"hello");
        encode_chunk(&mut out, b"");
        encode_chunk(&mut out, &[b'a'; 26]);
        encode_last_chunk(&mut out, NO_TRAILERS);
        let right = b"5\r\nhello\r\n1a\r\naaaaaaaaaaaaaaaaaaaaaaaaaa\r\n0\r\n\r\n";
        assert_eq!(out.escape_ascii().to_string(), right.escape_ascii().to_string());
    }

    #[test]
    fn trailers_follow_the_last_chunk() {
        let mut out = Vec::new();
        encode_last_chunk(&mut out, [Header::of("digest", "abc")]);
        assert_eq!(out, b"0\r\ndigest: abc\r\n\r\n");
    }
}
