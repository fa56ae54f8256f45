//! Heads: however they are cut they read the same, as the standard has it, and survive rewriting.

use std::fmt::Debug;

use crampon::protocol::http::{
    BodyLength, Connection, Fault, Framing, HeadLimits, Header, Method, RequestHead, RequestHeads,
    ResponseBody, ResponseHead, ResponseHeads, Version, encode_request_head, encode_response_head,
};

use crate::pieces::{ends, split};
use crate::strict::{Framed, Head};

/// Limits that a short input can pass.
const NARROW: HeadLimits = HeadLimits { head_bytes_max: 120, headers_max: 4, target_bytes_max: 24 };

/// Claims it for the bytes after the first, read as a request and as a response.
pub fn head(input: &[u8]) {
    let Some((step, bytes)) = split(input) else { return };
    for limits in [HeadLimits::default(), NARROW] {
        if let Ok(Some((head, consumed))) = request(bytes, step, &limits) {
            check_request(&head, &bytes[..consumed]);
        }
        if let Ok(Some((head, consumed))) = response(bytes, step, &limits) {
            check_response(&head, &bytes[..consumed]);
        }
    }
}

type Outcome<T> = Result<Option<(T, usize)>, Fault>;

fn request(bytes: &[u8], step: usize, limits: &HeadLimits) -> Outcome<RequestHead> {
    let mut heads = RequestHeads::new();
    let whole = |bytes: &[u8]| RequestHeads::new().decode(bytes, limits);
    in_any_way(bytes, step, |bytes| heads.decode(bytes, limits), whole)
}

fn response(bytes: &[u8], step: usize, limits: &HeadLimits) -> Outcome<ResponseHead> {
    let mut heads = ResponseHeads::new();
    let whole = |bytes: &[u8]| ResponseHeads::new().decode(bytes, limits);
    in_any_way(bytes, step, |bytes| heads.decode(bytes, limits), whole)
}

/// What comes of a head, which is the same in pieces. What is wrong with a long one may be seen
/// only when it ends: not every byte is worth another look.
fn in_any_way<T: PartialEq + Debug>(
    bytes: &[u8],
    step: usize,
    mut grow: impl FnMut(&[u8]) -> Outcome<T>,
    whole: impl Fn(&[u8]) -> Outcome<T>,
) -> Outcome<T> {
    let mut tries = ends(bytes.len(), step).map(|end| grow(&bytes[..end]));
    let mut in_pieces = tries.find(|outcome| *outcome != Ok(None)).unwrap_or(Ok(None));
    let at_once = whole(bytes);
    let mut expected = whole(bytes);
    if in_pieces == Ok(None) && at_once.is_err() {
        let ended = [bytes, b"\r\n\r\n"].concat();
        (in_pieces, expected) = (grow(&ended), whole(&ended));
    }
    assert_eq!(in_pieces, expected, "in pieces of {step} bytes");
    at_once
}

/// What was taken for a request is one, is read in the one way there is, and can be sent on.
fn check_request(head: &RequestHead, bytes: &[u8]) {
    let read = Head::read(bytes).expect("what is taken is well-formed").expect("it is complete");
    assert_eq!(read.bytes, bytes.len(), "the head's end");
    let (method, target, version) = read.request_line().expect("a request line");
    assert_eq!(head.method().as_str(), method);
    assert_eq!(head.target(), target);
    assert_eq!(head.version() == Version::Http11, version == "HTTP/1.1");
    assert!(head.headers().eq(read.headers.iter().copied()), "its headers");
    let framed = match head.body() {
        BodyLength::None => Framed::None,
        BodyLength::Length(length) => Framed::Length(length),
        BodyLength::Chunked => Framed::Chunked,
    };
    assert_eq!(read.framed().expect("one framing"), framed);
    assert!(version == "HTTP/1.1" || framed != Framed::Chunked, "chunks of an HTTP/1.0 client");
    assert!(version == "HTTP/1.0" || read.count("host") == 1, "one host");

    let mut written = Vec::new();
    let host = head.header("host").unwrap_or_default();
    let host = std::str::from_utf8(host).expect("a host is ASCII");
    let headers = head.headers().map(header);
    encode_request_head(&mut written, head.method(), target, host, headers, head.body());
    let again = RequestHeads::new().decode(&written, &roomier());
    let (again, consumed) = again.expect("what is written is legal").expect("and complete");
    assert_eq!(consumed, written.len(), "the end of what is written");
    assert_eq!((again.method(), again.target()), (head.method(), head.target()));
    assert_eq!(again.body(), head.body(), "the body of what is written");
    let others = |name: &str| !is_any(name, &["host", "content-length", "transfer-encoding"]);
    let before = head.headers().filter(|(name, _)| others(name));
    assert!(again.headers().filter(|(name, _)| others(name)).eq(before), "the headers written");
}

/// What was read as a header can be written as one.
fn header<'a>((name, value): (&'a str, &'a [u8])) -> Header<'a> {
    Header::new(name, value).expect("what is read is a header")
}

/// What was taken for a response is one, and what is made of it says the same.
fn check_response(head: &ResponseHead, bytes: &[u8]) {
    let read = Head::read(bytes).expect("what is taken is well-formed").expect("it is complete");
    assert_eq!(read.bytes, bytes.len(), "the head's end");
    let (version, status) = read.status_line().expect("a status line");
    assert_eq!(head.status().as_u16(), status);
    assert_eq!(head.version() == Version::Http11, version == "HTTP/1.1");
    assert!(head.headers().eq(read.headers.iter().copied()), "its headers");
    let framed = read.framed().expect("one framing");
    let is_bodiless = status < 200 || status == 204 || status == 304;
    let (expected, framing) = match framed {
        _ if is_bodiless => (ResponseBody::Framed(BodyLength::None), Framing::None),
        Framed::None => (ResponseBody::UntilClose, Framing::Close),
        Framed::Length(length) => {
            (ResponseBody::Framed(BodyLength::Length(length)), Framing::Length(length))
        }
        Framed::Chunked => (ResponseBody::Framed(BodyLength::Chunked), Framing::Chunked),
    };
    assert_eq!(head.body(&Method::GET), expected);
    assert_eq!(head.body(&Method::HEAD), ResponseBody::Framed(BodyLength::None));

    let mut written = Vec::new();
    let connection = if head.keeps_alive() { Connection::KeepAlive } else { Connection::Close };
    let (status, version) = (head.status(), Version::Http11);
    let headers = head.headers().map(header);
    encode_response_head(&mut written, status, headers, framing, connection, version, None);
    let again = ResponseHeads::new().decode(&written, &roomier());
    let (again, consumed) = again.expect("what is written is legal").expect("and complete");
    assert_eq!((consumed, again.status()), (written.len(), status));
    assert_eq!(again.body(&Method::GET), expected, "the body of what is written");
    let ours = ["connection", "content-length", "transfer-encoding", "date"];
    let before = head.headers().filter(|(name, _)| !is_any(name, &ours));
    let after = again.headers().filter(|(name, _)| !is_any(name, &ours));
    assert!(after.eq(before), "the headers written");
}

/// Limits for what is written of a head that keeps to the usual ones: a host, a length or what
/// becomes of the connection may be new in it.
fn roomier() -> HeadLimits {
    let HeadLimits { head_bytes_max, headers_max, target_bytes_max } = HeadLimits::default();
    HeadLimits {
        head_bytes_max: 2 * head_bytes_max,
        headers_max: headers_max + 3,
        target_bytes_max: 2 * target_bytes_max,
    }
}

fn is_any(name: &str, names: &[&str]) -> bool {
    names.iter().any(|one| name.eq_ignore_ascii_case(one))
}
