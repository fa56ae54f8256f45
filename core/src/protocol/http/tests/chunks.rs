//! Chunked bodies: what is taken and what is refused, however they are cut.

use super::body_in_pieces;
use crate::protocol::http::{BodyLength, EXTENSION_BYTES_MAX, Fault, TRAILER_BYTES_MAX};

/// Decodes chunks that arrive at once, then cut at every place, then byte by byte, and holds that
/// all come to the same.
fn decode(input: &str, body_bytes_max: u64) -> (Vec<u8>, Result<usize, Fault>) {
    let input = input.as_bytes();
    let whole = body_in_pieces(input, [], BodyLength::Chunked, body_bytes_max);
    let shown = input.escape_ascii();
    for cut in 0..input.len() {
        let in_two = body_in_pieces(input, [cut], BodyLength::Chunked, body_bytes_max);
        assert_eq!(in_two, whole, "{shown} cut at {cut}");
    }
    let in_bytes = body_in_pieces(input, 0..input.len(), BodyLength::Chunked, body_bytes_max);
    assert_eq!(in_bytes, whole, "{shown} byte by byte");
    whole
}

#[test]
fn chunks_are_taken_apart() {
    for (input, data) in [
        ("0\r\n\r\n", ""),
        ("000\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("000000000000000a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("2;a=b;c=\"d e\"\r\nhi\r\n0;last\r\n\r\n", "hi"),
        ("2 ;a\r\nhi\r\n0\r\n\r\n", "hi"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("2\r\nhi\r\n0\r\nDigest: abc\r\nX:\r\n\r\n", "hi"),
    ] {
        let right = (data.as_bytes().to_vec(), Ok(input.len()));
        assert_eq!(decode(input, 100), right, "{input:?}");
        let followed = format!("{input}GET /");
        assert_eq!(decode(&followed, 100), right, "{followed:?}");
    }
}

#[test]
fn malformed_chunks_are_refused_after_the_data_before_them() {
    let size = |seen: &str| Fault::ChunkSize(seen.into());
    let end = |seen: &str| Fault::ChunkEnd(seen.into());
    let trailer = |seen: &str| Fault::Trailer(seen.into());
    for (input, data, fault) in [
        ("\r\n", "", size(r"\r")),
        ("x\r\n", "", size("x")),
        ("0x5\r\nhello", "", size("x")),
        ("+5\r\nhello", "", size("+")),
        ("-1\r\n", "", size("-")),
        (" 5\r\nhello", "", size(" ")),
        ("5 \r\nhello", "", size(r"\r")),
        ("5\nhello", "", size(r"\n")),
        ("5\rhello", "", size("h")),
        ("00000000000000005\r\nhello", "", size("5")),
        ("fffffffffffffffff\r\n", "", size("f")),
        (";a\r\n", "", size(";")),
        ("5;a\nhello", "", size(r"\n")),
        ("5;a\0\r\nhello", "", size(r"\x00")),
        ("2\r\nhi2\r\n", "hi", end("2")),
        ("2\r\nhi\n0\r\n\r\n", "hi", end(r"\n")),
        ("2\r\nhi\r0\r\n\r\n", "hi", end("0")),
        ("2\r\nhi\r\n\r\n", "hi", size(r"\r")),
        ("0\r\n\n", "", trailer(r"\n")),
        ("0\r\nGET / HTTP/1.1\r\n", "", trailer(" ")),
        ("0\r\nA : b\r\n\r\n", "", trailer(" ")),
        ("0\r\nA: b\n\r\n", "", trailer(r"\n")),
        ("0\r\nA: b\r\n c\r\n\r\n", "", trailer(" ")),
        ("0\r\n\rx", "", trailer("x")),
        ("ffffffffffffffff\r\n", "", Fault::BodyTooLong { max: 100 }),
        ("65\r\n", "", Fault::BodyTooLong { max: 100 }),
        ("2\r\nhi\r\n63\r\n", "hi", Fault::BodyTooLong { max: 100 }),
    ] {
        let (got, outcome) = decode(input, 100);
        assert_eq!((&*String::from_utf8_lossy(&got), outcome), (data, Err(fault)), "{input:?}");
    }
}

#[test]
fn a_body_cut_short_is_noticed() {
    for (input, got) in [("", 0), ("5\r\nhel", 3), ("5\r\nhello\r\n", 5), ("0\r\n", 0)] {
        assert_eq!(decode(input, 100).1, Err(Fault::ChunksCut { got }), "{input:?}");
    }
}

#[test]
fn a_body_may_be_as_long_as_its_limit() {
    let input = format!("32\r\n{0}\r\n32\r\n{0}\r\n0\r\n\r\n", "a".repeat(50));
    assert_eq!(decode(&input, 100).1, Ok(input.len()));
    assert_eq!(decode(&input, 99).1, Err(Fault::BodyTooLong { max: 99 }));
}

#[test]
fn extensions_are_limited_over_the_whole_body() {
    let chunk = format!("1;{}\r\na\r\n", "x".repeat(EXTENSION_BYTES_MAX / 4 - 1));
    let within = format!("{}0\r\n\r\n", chunk.repeat(4));
    let over = format!("{}0;\r\n\r\n", chunk.repeat(4));
    let outcome = |input: &str| body_in_pieces(input.as_bytes(), [], BodyLength::Chunked, 100).1;
    assert_eq!(outcome(&within), Ok(within.len()));
    assert_eq!(outcome(&over), Err(Fault::ExtensionsTooLong { max: EXTENSION_BYTES_MAX }));
}

#[test]
fn trailers_are_limited() {
    let outcome = |bytes: usize| {
        let input = format!("0\r\nA:{}\r\n\r\n", "x".repeat(bytes - 2));
        body_in_pieces(input.as_bytes(), [], BodyLength::Chunked, 100).1
    };
    assert!(outcome(TRAILER_BYTES_MAX).is_ok());
    let fault = outcome(TRAILER_BYTES_MAX + 1).unwrap_err();
    assert_eq!((fault.status(), fault), (431, Fault::TrailersTooLong { max: TRAILER_BYTES_MAX }));
}
