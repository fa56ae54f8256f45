//! Response heads, as a client reads them.

use http::{Method, StatusCode};

use crate::protocol::http::{
    BodyLength, CONTINUE, Fault, HeadLimits, ResponseBody, ResponseHead, ResponseHeads, Version,
};

fn in_pieces(
    input: &[u8],
    ends: impl IntoIterator<Item = usize>,
) -> Result<Option<(ResponseHead, usize)>, Fault> {
    let limits = HeadLimits::default();
    let mut heads = ResponseHeads::new();
    for end in ends {
        let outcome = heads.decode(&input[..end], &limits);
        if outcome != Ok(None) {
            return outcome;
        }
    }
    heads.decode(input, &limits)
}

fn decode(input: &[u8]) -> Result<Option<(ResponseHead, usize)>, Fault> {
    let outcome = in_pieces(input, []);
    for cut in 0..input.len() {
        assert_eq!(in_pieces(input, [cut]), outcome, "{} cut at {cut}", input.escape_ascii());
    }
    assert_eq!(in_pieces(input, 0..input.len()), outcome, "{} in bytes", input.escape_ascii());
    outcome
}

fn head(input: &str) -> ResponseHead {
    let (head, consumed) = decode(input.as_bytes()).unwrap().expect(input);
    assert_eq!(consumed, input.len());
    head
}

#[test]
fn a_head_is_read() {
    let head = head("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain \r\nVary: a, B\r\n\r\n");
    assert_eq!(head.status(), StatusCode::NOT_FOUND);
    assert_eq!(head.version(), Version::Http11);
    assert_eq!(head.header_text("content-type"), Some("text/plain"));
    assert!(head.has_token("vary", "b"));
    assert!(head.keeps_alive());
    assert_eq!(head.headers().count(), 2);
}

#[test]
fn a_reason_may_be_anything_or_nothing() {
    for line in ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 200 \u{e9}!", "HTTP/1.0 200 a b"] {
        assert_eq!(head(&format!("{line}\r\n\r\n")).status(), 200, "{line}");
    }
}

#[test]
fn the_word_to_go_on_is_a_head_of_its_own() {
    let (head, consumed) = decode(CONTINUE).unwrap().unwrap();
    assert_eq!((head.status(), consumed), (StatusCode::CONTINUE, CONTINUE.len()));
    assert_eq!(head.body(&Method::POST), ResponseBody::Framed(BodyLength::None));
}

#[test]
fn a_body_ends_as_status_method_and_headers_say() {
    let none = ResponseBody::Framed(BodyLength::None);
    let length = "Content-Length: 5\r\n";
    for (method, status, fields, body) in [
        (Method::GET, 200, length, ResponseBody::Framed(BodyLength::Length(5))),
        (Method::GET, 200, "Transfer-Encoding: chunked\r\n", {
            ResponseBody::Framed(BodyLength::Chunked)
        }),
        (Method::GET, 200, "", ResponseBody::UntilClose),
        (Method::HEAD, 200, length, none),
        (Method::HEAD, 200, "", none),
        (Method::GET, 101, "", none),
        (Method::GET, 204, "", none),
        (Method::GET, 304, length, none),
        (Method::CONNECT, 200, "", none),
        (Method::CONNECT, 407, length, ResponseBody::Framed(BodyLength::Length(5))),
    ] {
        let head = head(&format!("HTTP/1.1 {status} \r\n{fields}\r\n"));
        assert_eq!(head.body(&method), body, "{method} {status} {fields}");
    }
}

#[test]
fn malformed_heads_are_refused() {
    for (input, seen) in [
        ("\x15\x03", r"`\x15`"),
        ("ICY 200 OK\r\n", "`I`"),
        ("HTTP/1.1  200 OK\r\n", "`HTTP/1.1  `"),
        ("HTTP/1.1 099 OK\r\n", "`HTTP/1.1 0`"),
        ("HTTP/1.1 20 OK\r\n", "`HTTP/1.1 20 `"),
        ("HTTP/1.1 2000 OK\r\n", "`HTTP/1.1 2000`"),
        ("HTTP/1.1 200\tOK\r\n", r"`HTTP/1.1 200\t`"),
        ("HTTP/1.1 200 O\0K\r\n", r"`HTTP/1.1 200 O\x00`"),
        ("HTTP/1.1 200 OK\n", "bare LF"),
        ("HTTP/1.1 200 OK\rX", "CR inside"),
        ("HTTP/2.0 200 OK\r\n", "`HTTP/2`"),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "`A `"),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "folded"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "`-1`"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "`gzip`"),
    ] {
        let fault = decode(input.as_bytes()).expect_err(input).to_string();
        assert!(fault.contains(seen), "{input:?}: {fault} / {seen}");
    }
}
