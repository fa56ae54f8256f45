//! Heads are read as `httparse` reads them, which most of the field uses, but for what only that
//! lets pass.

use proptest::prelude::*;
use proptest::sample::Index;

use super::round_trips::nearly_http;
use crate::protocol::http::{
    Fault, HeadLimits, RequestHeads, ResponseHeads, Version,
    diagnosis::{request_fault, response_fault},
    head_search::empty_lines_bytes,
    target::Target,
};

/// A head as it is read: its first line in words, its headers, its length with what stands before.
type Read = (Vec<String>, Vec<(String, Vec<u8>)>, usize);

const LIMITS: [HeadLimits; 2] = [
    HeadLimits { head_bytes_max: 64 * 1024, headers_max: 100, target_bytes_max: 8 * 1024 },
    HeadLimits { head_bytes_max: 400, headers_max: 3, target_bytes_max: 12 },
];

/// Bytes of the longest method.
const METHOD_BYTES_MAX: usize = 32;

fn their_request(input: &[u8], limits: &HeadLimits) -> Option<Read> {
    let window = limits.window(input);
    let start = empty_lines_bytes(window);
    let mut headers = vec![httparse::EMPTY_HEADER; limits.headers_max];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(bytes)) = request.parse(&window[start..]) else {
        return None;
    };
    let head = &window[start..start + bytes];
    let (method, target) = (request.method?, request.path?);
    let is_strict = head.starts_with(method.as_bytes())
        && method.len() <= METHOD_BYTES_MAX
        && target.len() <= limits.target_bytes_max
        && Target::new(target.as_bytes()).is_sound()
        && ends_lines_with_cr_lf(head, request.headers.len() + 2);
    let line = vec![method.to_owned(), target.to_owned(), version(request.version?)];
    is_strict.then(|| (line, owned(request.headers), start + bytes))
}

fn their_response(input: &[u8], limits: &HeadLimits) -> Option<Read> {
    let window = limits.window(input);
    let start = empty_lines_bytes(window);
    let mut headers = vec![httparse::EMPTY_HEADER; limits.headers_max];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(bytes)) = response.parse(&window[start..]) else {
        return None;
    };
    let head = &window[start..start + bytes];
    let is_strict = head.starts_with(b"HTTP/")
        && response.code? >= 100
        && ends_lines_with_cr_lf(head, response.headers.len() + 2);
    let line = vec![version(response.version?), response.code?.to_string()];
    is_strict.then(|| (line, owned(response.headers), start + bytes))
}

fn version(minor: u8) -> String {
    format!("HTTP/1.{minor}")
}

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|header| (header.name.to_owned(), header.value.to_vec())).collect()
}

/// They take LF for the end of a line, and refuse a CR anywhere else.
fn ends_lines_with_cr_lf(head: &[u8], lines: usize) -> bool {
    head.iter().filter(|&&byte| byte == b'\r').count() == lines
}

fn check(input: &[u8]) {
    for limits in &LIMITS {
        check_request(input, limits);
        check_response(input, limits);
    }
}

fn check_request(input: &[u8], limits: &HeadLimits) {
    let theirs = their_request(input, limits);
    let fault = request_fault(limits.window(input), limits);
    match RequestHeads::new().decode(input, limits) {
        Ok(Some((head, bytes))) => {
            let line = [head.method().as_str(), head.target(), &head.version().to_string()];
            let line = line.map(str::to_owned).to_vec();
            let headers = head.headers().map(|(name, value)| (name.to_owned(), value.to_vec()));
            assert_eq!(theirs, Some((line, headers.collect(), bytes)), "{}", input.escape_ascii());
        }
        ours => agree_on_none(ours.err(), theirs, fault, input),
    }
}

fn check_response(input: &[u8], limits: &HeadLimits) {
    let theirs = their_response(input, limits);
    let fault = response_fault(limits.window(input), limits);
    match ResponseHeads::new().decode(input, limits) {
        Ok(Some((head, bytes))) => {
            let line = vec![head.version().to_string(), head.status().as_str().to_owned()];
            let headers = head.headers().map(|(name, value)| (name.to_owned(), value.to_vec()));
            assert_eq!(theirs, Some((line, headers.collect(), bytes)), "{}", input.escape_ascii());
        }
        ours => agree_on_none(ours.err(), theirs, fault, input),
    }
}

/// Holds that a head that is none has the fault the diagnosis finds, if it is whole, and that one
/// which both can read is refused for what it means only.
fn agree_on_none(ours: Option<Fault>, theirs: Option<Read>, fault: Option<Fault>, input: &[u8]) {
    let input = input.escape_ascii();
    match (ours, fault) {
        (ours, Some(fault)) => assert_eq!((ours, theirs), (Some(fault), None), "{input}"),
        (Some(Fault::HeadTooLong { .. }), None) => assert_eq!(theirs, None, "{input}"),
        (ours, None) => assert_eq!(ours.is_some(), theirs.is_some(), "{ours:?}: {input}"),
    }
}

/// A head of either kind that most likely is sound.
fn sound() -> impl Strategy<Value = Vec<u8>> {
    let first = prop::sample::select(vec![
        "GET / HTTP/1.1",
        "\r\nPOST /a?b=%20c HTTP/1.1",
        "OPTIONS * HTTP/1.0",
        "M-SEARCH http://a:80/b HTTP/1.1",
        "HTTP/1.1 200 OK",
        "HTTP/1.0 404 Not\t\u{e4}",
        "HTTP/1.1 204",
    ]);
    let name = prop_oneof![
        prop::sample::select(vec![
            "Host",
            "host",
            "Cookie",
            "connection",
            "Accept-Language",
            "Expect"
        ])
        .prop_map(str::to_owned),
        "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}",
    ];
    let value = prop_oneof![
        8 => "[ \t]{0,2}([ \t!-~\u{a1}-\u{ff}]{0,20})",
        1 => (248_usize..262).prop_map(|len| "v".repeat(len)),
    ];
    (first, prop::collection::vec((name, value), 0..6)).prop_map(|(first, fields)| {
        let lines: String =
            fields.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect();
        format!("{first}\r\n{lines}\r\n").into_bytes()
    })
}

proptest! {
    #[test]
    fn they_agree_on_sound_heads(head in sound(), more in nearly_http()) {
        check(&head);
        check(&[head, more].concat());
    }

    #[test]
    fn they_agree_on_every_beginning(head in sound()) {
        (0..head.len()).for_each(|end| check(&head[..end]));
    }

    #[test]
    fn they_agree_on_a_head_with_any_byte_anywhere(
        head in sound(),
        at in any::<Index>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(b"\r\n\t :\0\x7f".to_vec())],
        taken in 0_usize..3,
    ) {
        let at = at.index(head.len());
        let end = head.len().min(at + taken);
        check(&[&head[..at], &[byte], &head[end..]].concat());
        check(&[&head[..at], &head[end..]].concat());
    }

    #[test]
    fn they_agree_on_what_is_nearly_http(input in nearly_http()) {
        check(&input);
    }
}

#[test]
fn they_agree_on_every_byte_in_every_place() {
    for head in [
        "GET /a?b HTTP/1.1\r\nHost: a b\r\nX-Own:\tc \r\n\r\n",
        "HTTP/1.1 200 O K\r\nDate: a\r\n\r\n",
    ] {
        for at in 0..head.len() {
            for byte in 0..=u8::MAX {
                let mut input = head.as_bytes().to_vec();
                input[at] = byte;
                check(&input);
                input.insert(at, head.as_bytes()[at]);
                check(&input);
            }
        }
    }
    assert_eq!(Version::Http11.to_string(), version(1));
}
