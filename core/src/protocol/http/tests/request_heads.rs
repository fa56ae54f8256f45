//! Request heads: what is taken, what is refused and with which status, and how early.

use http::Method;

use super::{request, request_in_pieces};
use crate::protocol::http::{BodyLength, Fault, HeadLimits, RequestHead, RequestHeads, Version};

fn decode(input: &str) -> Result<Option<(RequestHead, usize)>, Fault> {
    request(input.as_bytes(), &HeadLimits::default())
}

fn head(input: &str) -> RequestHead {
    let (head, consumed) = decode(input).unwrap().unwrap_or_else(|| panic!("{input:?} is whole"));
    assert_eq!(consumed, input.len());
    head
}

const BROWSER: &str = "GET /live?since=7 HTTP/1.1\r\n\
    Host: example.org:8080\r\n\
    Connection: keep-alive\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
    Accept: text/event-stream\r\n\
    Accept-Language:  de, en;q=0.5 \t\r\n\
    Empty:\r\n\
    Name: J\u{f6}rg\r\n\
    accept: */*\r\n\
    \r\n";

#[test]
fn a_head_is_read() {
    let head = head(BROWSER);
    assert_eq!(head.method(), Method::GET);
    assert_eq!(head.version(), Version::Http11);
    assert_eq!(head.target(), "/live?since=7");
    assert_eq!((head.path(), head.query()), ("/live", Some("since=7")));
    assert_eq!(head.host(), Some("example.org:8080"));
    assert_eq!(head.header("ACCEPT"), Some(&b"text/event-stream"[..]));
    assert_eq!(head.header_text("accept-language"), Some("de, en;q=0.5"));
    assert_eq!(head.header_text("empty"), Some(""));
    assert_eq!(head.header_text("name"), Some("J\u{f6}rg"));
    assert_eq!(head.header("cookie"), None);
    assert_eq!(head.body(), BodyLength::None);
    assert!(head.keeps_alive());
    assert!(!head.expects_continue());
    assert_eq!(head.headers().count(), 8);
}

#[test]
fn a_method_is_kept_whether_it_is_known_or_not() {
    let known = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"];
    for method in known.into_iter().chain(["BREW", "get", "M-SEARCH"]) {
        let head = head(&format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(head.method().as_str(), method);
        assert!(head.clone() == head, "{method}");
    }
}

#[test]
fn a_head_keeps_its_secrets_out_of_the_log() {
    let head = head("GET / HTTP/1.1\r\nHost: a\r\nCookie: secret\r\n\r\n");
    assert_eq!(format!("{head:?}"), "RequestHead(GET / HTTP/1.1, 2 headers, None)");
}

#[test]
fn what_follows_a_head_is_left_where_it_is() {
    let input = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next";
    let (_, consumed) = decode(input).unwrap().unwrap();
    assert_eq!(&input[consumed..], "GET /next");
}

#[test]
fn heads_follow_each_other() {
    let input = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut heads = RequestHeads::new();
    let (mut at, mut paths) = (0, Vec::new());
    while let Some((head, consumed)) = heads.decode(&input[at..], &HeadLimits::default()).unwrap() {
        paths.push(head.path().to_owned());
        at += consumed;
    }
    assert_eq!((paths, at), (vec!["/a".to_owned(), "/b".to_owned()], input.len()));
}

#[test]
fn the_end_of_a_connection_is_announced_by_version_and_header() {
    for (version, connection, keeps_alive) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: Upgrade, CLOSE\r\n", false),
        ("1.1", "Connection: upgrade\r\nConnection: close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false),
    ] {
        let head = head(&format!("GET / HTTP/{version}\r\nHost: a\r\n{connection}\r\n"));
        assert_eq!(head.keeps_alive(), keeps_alive, "{version} {connection}");
    }
}

#[test]
fn the_length_of_the_body_is_declared() {
    for (method, fields, length) in [
        ("GET", "", BodyLength::None),
        ("POST", "", BodyLength::None),
        ("POST", "Content-Length: 0\r\n", BodyLength::Length(0)),
        ("GET", "Content-Length: 5\r\n", BodyLength::Length(5)),
        ("POST", "transfer-encoding: Chunked\r\n", BodyLength::Chunked),
    ] {
        let head = head(&format!("{method} / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"));
        assert_eq!(head.body(), length, "{method} {fields}");
    }
}

#[test]
fn a_client_with_a_body_may_wait_for_a_word() {
    for (version, fields, expects) in [
        ("1.1", "Expect: 100-Continue\r\nContent-Length: 5\r\n", true),
        ("1.1", "Expect: , 100-continue,\r\nContent-Length: 5\r\n", true),
        ("1.1", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", true),
        ("1.1", "Expect:\r\nContent-Length: 5\r\n", false),
        ("1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n", false),
        ("1.1", "Expect: 100-continue\r\n", false),
        ("1.0", "Expect: 100-continue\r\nContent-Length: 5\r\n", false),
    ] {
        let head = head(&format!("POST / HTTP/{version}\r\nHost: a\r\n{fields}\r\n"));
        assert_eq!(head.expects_continue(), expects, "{version} {fields}");
    }
}

#[test]
fn targets_of_every_form_are_taken() {
    for (line, host, path) in [
        ("GET /a HTTP/1.1\r\nHost: b\r\n", Some("b"), "/a"),
        ("GET http://a/c HTTP/1.1\r\nHost: b\r\n", Some("a"), "/c"),
        ("OPTIONS * HTTP/1.1\r\nHost: b\r\n", Some("b"), "*"),
        ("GET / HTTP/1.1\r\nHost:\r\n", None, "/"),
        ("GET / HTTP/1.0\r\n", None, "/"),
        ("get / HTTP/1.1\r\nHost: b\r\n", Some("b"), "/"),
        ("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n", Some("b"), "/"),
        ("GET /a|b{c}\\ HTTP/1.1\r\nHost: b\r\n", Some("b"), "/a|b{c}\\"),
    ] {
        let head = head(&format!("{line}\r\n"));
        assert_eq!((head.host(), head.path()), (host, path), "{line}");
    }
}

#[test]
fn malformed_heads_are_refused_and_say_what_was_seen() {
    for (input, status, seen) in [
        // First lines.
        ("\x16\x03\x01\x02\x00", 400, "TLS"),
        ("\0", 400, r"`\x00`"),
        (" GET / HTTP/1.1\r\n", 400, "begins with ` `"),
        ("G\u{cb}T / HTTP/1.1\r\n", 400, r"`G\xc3`"),
        ("GET\t/ HTTP/1.1\r\n", 400, r"`GET\t`"),
        ("GET\r\n", 400, r"`GET\r`"),
        ("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n", 400, "more than 4 empty lines"),
        ("\nGET / HTTP/1.1\r\n", 400, "bare LF"),
        ("\rGET / HTTP/1.1\r\n", 400, "CR inside"),
        ("A23456789012345678901234567890123", 501, "longer than 32"),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501, "`CONNECT`"),
        ("GET  / HTTP/1.1\r\n", 400, "target ` `"),
        ("GET \r\n", 400, r"target `\r`"),
        ("GET /\r\n", 400, r"`GET /\r` does not name its version"),
        ("GET /\n", 400, r"`GET /\n` does not name its version"),
        ("GET /\u{e9} HTTP/1.1\r\n", 400, r"`/\xc3`"),
        ("GET /a\x01 HTTP/1.1\r\n", 400, r"`/a\x01`"),
        ("GET /a\x7f HTTP/1.1\r\n", 400, r"`/a\x7f`"),
        ("GET /a\tb HTTP/1.1\r\n", 400, r"`/a\t`"),
        ("GET /a#b HTTP/1.1\r\n", 400, "`/a#`"),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target `a`"),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target `*`"),
        ("GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target `a:80`"),
        ("GET /  HTTP/1.1\r\n", 400, "`GET /  `"),
        ("GET / http/1.1\r\n", 400, "`GET / h`"),
        ("GET / HTTP/11\r\n", 400, "`GET / HTTP/11`"),
        ("GET / HTTP/1.1 \r\n", 400, "`GET / HTTP/1.1 `"),
        ("GET / HTTP/1.10\r\n", 400, "`GET / HTTP/1.10`"),
        ("GET / HTTP/1.2\r\n", 505, "`GET / HTTP/1.2`"),
        ("GET / HTTP/0.9\r\n", 505, "`GET / HTTP/0`"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "`PRI * HTTP/2`"),
        // Lines.
        ("GET / HTTP/1.1\nHost: a\n\n", 400, "bare LF"),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400, r"`Host: a\n`"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bare LF"),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", 400, "CR inside"),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400, r"`Host: a\rb`"),
        ("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400, "CR inside"),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "folded"),
        ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400, "folded"),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "`Host `"),
        ("GET / HTTP/1.1\r\nHo st: a\r\n\r\n", 400, "`Ho `"),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", 400, r"`Host\r`"),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", 400, "`:`"),
        ("GET / HTTP/1.1\r\nH\u{e9}: a\r\n\r\n", 400, r"`H\xc3`"),
        ("GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", 400, r"`Host: a\x00`"),
        ("GET / HTTP/1.1\r\nHost: \x0ba\r\n\r\n", 400, r"`Host: \x0b`"),
        ("GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n", 400, r"`Host: a\x7f`"),
        // Meanings.
        ("GET / HTTP/1.1\r\n\r\n", 400, "no `Host`"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "more than one `Host`"),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, "more than one `Host`"),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "`a b`"),
        ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "`a@b`"),
        ("GET http://a/ HTTP/1.1\r\n\r\n", 400, "no `Host`"),
        ("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "host ``"),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n", 417, "`a miracle`"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400, "`5, 5`"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400, "`+5`"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            400,
            "more than one `Content-Length`",
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
            "and a `Transfer-Encoding`",
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "`gzip`"),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"),
        ("POST / HTTP/1.0\r\n\r\n", 411, "POST of HTTP/1.0"),
    ] {
        let fault = decode(input).expect_err(input);
        assert_eq!(fault.status(), status, "{input:?}: {fault}");
        assert!(fault.to_string().contains(seen), "{input:?}: {fault} / {seen}");
    }
}

#[test]
fn garbage_is_refused_before_the_rest_is_awaited() {
    let start = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (before, garbage) in [
        ("", "\x16"),
        ("", "\0"),
        ("GE", "\0"),
        ("GET /", "\x01"),
        (start, "a\0"),
        (start, "a: b\x01"),
        (start, "a: b\nc"),
    ] {
        let mut heads = RequestHeads::new();
        let limits = HeadLimits::default();
        assert_eq!(heads.decode(before.as_bytes(), &limits), Ok(None), "{before:?}");
        let both = [before, garbage].concat();
        assert!(heads.decode(both.as_bytes(), &limits).is_err(), "{both:?}");
    }
}

#[test]
fn limits_are_held_and_reached() {
    let limits = HeadLimits { head_bytes_max: 60, headers_max: 2, target_bytes_max: 10 };
    let too_long = Err(Fault::HeadTooLong { max: 60 });
    let sixty = format!("GET / HTTP/1.1\r\nHost: a\r\nB: {}\r\n\r\n", "b".repeat(28));
    assert_eq!(sixty.len(), 60);
    for (input, fault) in [
        (sixty.clone(), Ok(true)),
        (format!("\r\n{sixty}"), too_long.clone()),
        (sixty.replace("B:", "B: "), too_long.clone()),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nB: {}", "b".repeat(60)), too_long),
        ("GET /23456789 HTTP/1.1\r\nHost: a\r\n\r\n".into(), Ok(true)),
        ("GET /2345678901".into(), Err(Fault::TargetTooLong { max: 10 })),
        ("GET /2345678901 HTTP/1.1\r\n".into(), Err(Fault::TargetTooLong { max: 10 })),
        ("GET / HTTP/1.1\r\nHost: a\r\nB: b\r\n\r\n".into(), Ok(true)),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nB: b\r\nC: c\r\n".into(),
            Err(Fault::TooManyHeaders { max: 2 }),
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nB: b\r\nC: c".into(), Ok(false)),
    ] {
        let outcome = request(input.as_bytes(), &limits).map(|head| head.is_some());
        assert_eq!(outcome, fault, "{input:?}");
    }
}

#[test]
fn a_head_of_16_kib_passes_and_one_of_300_kib_does_not() {
    let head_of = |bytes: usize| {
        let lines = "X-Padding: ".len() + 1000 + 2;
        let mut head = "GET / HTTP/1.1\r\nHost: a\r\n".to_owned();
        for _ in 0..bytes / lines {
            head += &format!("X-Padding: {}\r\n", "x".repeat(1000));
        }
        head + "\r\n"
    };
    let limits = HeadLimits::default();
    let small = request_in_pieces(head_of(16 * 1024).as_bytes(), [], &limits);
    assert!(matches!(small, Ok(Some(_))));
    let large = request_in_pieces(head_of(300 * 1024).as_bytes(), [], &limits);
    assert_eq!(large, Err(Fault::HeadTooLong { max: 64 * 1024 }));
    assert_eq!(large.unwrap_err().status(), 431);
}

#[test]
fn an_idle_connection_pays_8_bytes() {
    assert_eq!(size_of::<RequestHeads>(), 8);
}
