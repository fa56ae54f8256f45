//! The HTTP upgrade that opens a WebSocket, on both sides (RFC 6455, section 4).
//!
//! Heads are looked up through closures, and written as bytes: how HTTP itself is read and framed
//! is not known here, only that no header ends its line.

mod client;
mod extensions;
mod server;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest as _, Sha1};

use crate::protocol::http::push_text as put_header;

pub use client::{
    Mismatch, Switched, check_switching_protocols, encode_upgrade_request, request_key,
};
pub use extensions::{Extension, MalformedExtensions, Parameter, read_extensions};
pub use server::{Refusal, Upgrade, check_upgrade, choose_subprotocol, encode_switching_protocols};

/// The only version of the protocol there is (section 4.1).
pub const VERSION: &str = "13";

/// What a key is joined with before it is hashed (section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Bytes in a key before it is spelled in base64 (section 4.1).
const NONCE_BYTES: usize = 16;

/// Padding is demanded; stray bits in the last character are not judged, because the example
/// key of the RFC itself has some.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Answers the key of a client, to show that it was read as a WebSocket's (section 4.2.2).
pub fn accept_key(key: &[u8]) -> [u8; 28] {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let mut accept = [0; 28];
    BASE64.encode_slice(digest, &mut accept).expect("20 bytes are 28 characters of base64");
    accept
}

/// Whether the key is 16 bytes in base64.
fn is_key(key: &[u8]) -> bool {
    let mut nonce = [0; NONCE_BYTES + 2];
    BASE64.decode_slice(key, &mut nonce) == Ok(NONCE_BYTES)
}

/// Whether `text` is a token, as names of subprotocols are (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A header value as it may stand in a message: escaped where it is not plain, and not too long.
fn shown(value: &[u8]) -> String {
    /// Bytes of a value worth repeating to who sent it.
    const SHOWN_BYTES_MAX: usize = 64;
    value[..value.len().min(SHOWN_BYTES_MAX)].escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_rfc_is_answered_as_in_the_rfc() {
        assert_eq!(&accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn keys_are_16_bytes_in_base64() {
        for (key, is_one) in [
            (&b"dGhlIHNhbXBsZSBub25jZQ=="[..], true),
            (b"AQIDBAUGBwgJCgsMDQ4PEC==", true), // the stray bits of section 4.1
            (b"", false),
            (b"dGhlIHNhbXBsZSBub25jZQ", false),
            (b"dGhlIHNhbXBsZSBub25j", false),
            (b"dGhlIHNhbXBsZSBub25jZWU=", false),
            (b"dGhlIHNhbXBsZSBub25jZWVlZWVlZWVlZWVlZWVl", false),
            (b"dGhlIHNhbXBsZSBub25j!Q==", false),
            (b"dGhl IHNhbXBsZSBub25jZQ=", false),
        ] {
            assert_eq!(is_key(key), is_one, "{}", key.escape_ascii());
        }
    }

    #[test]
    fn values_are_shown_short_and_plain() {
        assert_eq!(shown(b"a\r\nb\xff"), r"a\r\nb\xff");
        assert_eq!(shown(&[b'a'; 1000]).len(), 64);
    }
}
