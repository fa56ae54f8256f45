//! What is no request, or one that cannot be taken: each gets its status and the end of its
//! connection, and nobody else notices.

use std::io::Write;
use std::time::Duration;

use crampon::prelude::*;
use crampon_tests::{Host, Pen, diary};

#[action(transport = regular, body_bytes_max = 16)]
struct Page;

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        if cx.method() == "GET" {
            cx.render("a page");
            cx.finish();
        }
    }

    #[on_data]
    fn echo(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        cx.render(body);
        cx.finish();
    }
}

#[action(transport = websocket)]
struct Chat;

#[callbacks]
impl Chat {}

fn host() -> Host {
    let set_up = |server: Server| {
        server.limits(|limits| {
            limits.head_timeout = Duration::from_millis(200);
            limits.body_timeout = Duration::from_millis(200);
        })
    };
    Host::serve_with(set_up, || {
        Routes::new()
            .get("/", || Page)
            .post("/", || Page)
            .at("/chat", || Chat)
            .post("/deaf", || Deaf)
    })
}

#[action(transport = regular)]
struct Deaf;

#[callbacks]
impl Deaf {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.render("whatever");
        cx.finish();
    }
}

/// A head with all that is needed, and something more.
fn with(line: &str, more: &str) -> Vec<u8> {
    format!("{line}\r\nhost: test\r\n{more}\r\n").into_bytes()
}

#[test]
fn what_cannot_be_taken_is_refused_with_its_status_and_the_end() {
    let host = host();
    let get = |more: &str| with("GET / HTTP/1.1", more);
    let post = |more: &str| with("POST / HTTP/1.1", more);
    let cases: [(&str, Vec<u8>, u16); 28] = [
        ("no method", b"\x00\x01\x02 nonsense\r\n\r\n".to_vec(), 400),
        ("TLS on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), 400),
        ("no version", b"GET /\r\n\r\n".to_vec(), 400),
        ("no host", b"GET / HTTP/1.1\r\n\r\n".to_vec(), 400),
        ("two hosts", get("host: other\r\n"), 400),
        ("a blank before the colon", get("name : value\r\n"), 400),
        ("a folded header", get("name: value\r\n more\r\n"), 400),
        ("bare LF", b"GET / HTTP/1.1\nhost: test\n\n".to_vec(), 400),
        ("a NUL in a value", get("name: a\0b\r\n"), 400),
        ("two lengths", post("content-length: 1\r\ncontent-length: 1\r\n"), 400),
        ("a signed length", post("content-length: +1\r\n"), 400),
        ("length and chunks", post("content-length: 1\r\ntransfer-encoding: chunked\r\n"), 400),
        (
            "a bad chunk size",
            [post("transfer-encoding: chunked\r\n"), b"x\r\n".to_vec()].concat(),
            400,
        ),
        (
            "no end of a chunk",
            [post("transfer-encoding: chunked\r\n"), b"1\r\nab".to_vec()].concat(),
            400,
        ),
        ("a head that stops", b"GET / HTTP/1.1\r\nhost: te".to_vec(), 408),
        ("a body that stops", [post("content-length: 9\r\n"), b"half".to_vec()].concat(), 408),
        ("a long body", post("content-length: 17\r\n"), 413),
        (
            "a long chunked body",
            [
                post("transfer-encoding: chunked\r\n"),
                b"11\r\n12345678901234567\r\n0\r\n\r\n".to_vec(),
            ]
            .concat(),
            413,
        ),
        ("a long target", with(&format!("GET /{} HTTP/1.1", "a".repeat(9000)), ""), 414),
        ("an expectation", get("expect: miracles\r\n"), 417),
        ("a long header", get(&format!("name: {}\r\n", "a".repeat(70_000))), 431),
        ("a hundred and one headers", get(&"name: value\r\n".repeat(101)), 431),
        (
            "a head without end",
            [b"GET / HTTP/1.1\r\nname: ".to_vec(), vec![b'a'; 70_000]].concat(),
            431,
        ),
        ("a tunnel", b"CONNECT test:443 HTTP/1.1\r\nhost: test:443\r\n\r\n".to_vec(), 501),
        ("another coding", post("transfer-encoding: gzip, chunked\r\n"), 501),
        ("a method without end", vec![b'A'; 200], 501),
        ("HTTP/2 in advance", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 505),
        ("HTTP/3", b"GET / HTTP/3.0\r\nhost: test\r\n\r\n".to_vec(), 505),
    ];
    for (what, request, status) in cases {
        let mut browser = host.connect();
        browser.send(&request);
        let answer = browser.answer();
        assert_eq!(answer.status(), status, "{what}: {}", answer.text());
        assert_eq!(answer.header("connection"), "close", "{what}");
        browser.expect_end();
        assert_eq!(host.get("/").text(), "a page", "after {what}");
    }
}

#[test]
fn what_is_not_served_is_said_and_the_connection_kept() {
    let host = host();
    let mut browser = host.connect();
    for (request, status, header) in [
        (with("GET /nowhere HTTP/1.1", ""), 404, None),
        (with("DELETE / HTTP/1.1", ""), 405, Some(("allow", "GET, HEAD, POST"))),
        (with("POST /chat HTTP/1.1", ""), 405, Some(("allow", "GET, HEAD"))),
        (with("GET /chat HTTP/1.1", ""), 426, Some(("upgrade", "websocket"))),
    ] {
        browser.send(&request);
        let answer = browser.answer();
        assert_eq!(answer.status(), status, "{}", request.escape_ascii());
        if let Some((name, value)) = header {
            assert_eq!(answer.header(name), value);
        }
    }
    browser.get("/");
    assert_eq!(browser.answer().text(), "a page");
}

#[test]
fn a_body_nobody_reads_that_stops_is_answered_once() {
    let host = host();
    let mut browser = host.connect();
    browser.send([with("POST /deaf HTTP/1.1", "content-length: 9\r\n"), b"half".to_vec()].concat());
    assert_eq!(browser.answer().text(), "whatever");
    browser.expect_end();
}

#[test]
fn a_connection_that_never_speaks_is_ended_without_a_word() {
    let host = host();
    host.connect().expect_end();
}

#[test]
fn a_head_trickling_in_is_given_no_more_time_for_it() {
    let host = host();
    let mut fresh = host.connect();
    let mut kept = host.connect();
    kept.get("/");
    kept.answer();
    for browser in [&mut fresh, &mut kept] {
        let stream = browser.stream();
        stream.set_read_timeout(Some(Duration::from_millis(20))).expect("it is open");
        let trickle = b"GET / HTTP/1.1\r\nname: ".iter().chain(std::iter::repeat(&b'a'));
        // Each byte comes well within the time a head has; all of them together do not.
        let is_answered = trickle.take(200).any(|byte| {
            let mut stream = browser.stream();
            drop(stream.write(&[*byte]));
            stream.peek(&mut [0]).is_ok_and(|bytes| bytes > 0)
        });
        assert!(is_answered, "it was told while it trickled on");
        assert_eq!(browser.answer().status(), 408);
    }
}

#[test]
fn an_idle_connection_is_ended_without_a_word() {
    let set_up =
        |server: Server| server.limits(|limits| limits.idle_timeout = Duration::from_millis(100));
    let host = Host::serve_with(set_up, || Routes::new().at("/", || Page));
    let mut browser = host.connect();
    browser.get("/");
    assert_eq!(browser.answer().status(), 200);
    browser.expect_end();
}

#[action(transport = regular)]
struct Form {
    pen: Pen,
}

#[callbacks]
impl Form {
    #[on_data]
    fn filled(&mut self, cx: &mut Context<Self>, body: &str) -> Result<(), Halt> {
        let name: String = cx.param("name")?;
        self.pen.write(format_args!("{name} by {body}"));
        Ok(())
    }
}

#[test]
fn a_form_is_read_within_its_own_limit() {
    let (pen, diary) = diary();
    let set_up = |server: Server| {
        server.limits(|limits| {
            limits.form_bytes_max = 32;
            limits.body_bytes_max = 128;
        })
    };
    let host =
        Host::serve_with(set_up, move || Routes::new().at("/", move || Form { pen: pen.clone() }));
    let urlencoded = "content-type: application/x-www-form-urlencoded\r\n";
    for (more, body, status) in [
        ("content-length: 8\r\n", "name=Ada".to_owned(), 204),
        ("transfer-encoding: chunked\r\n", "8\r\nname=Bob\r\n0\r\n\r\n".into(), 204),
        ("content-length: 4\r\n", "name".into(), 204),
        ("content-length: 1\r\n", "a".into(), 400),
        // Too long for parameters, and so without a name; too long for anything.
        (
            "transfer-encoding: chunked\r\n",
            format!("21\r\nname={}\r\n0\r\n\r\n", "a".repeat(28)),
            400,
        ),
        ("transfer-encoding: chunked\r\n", format!("81\r\n{}\r\n0\r\n\r\n", "a".repeat(129)), 413),
    ] {
        let mut browser = host.connect();
        browser.send(with("POST / HTTP/1.1", &format!("{urlencoded}{more}")));
        browser.send(&body);
        assert_eq!(browser.answer().status(), status, "{more}{body}");
    }
    assert_eq!(diary.next(), "Ada by name=Ada");
    assert_eq!(diary.next(), "Bob by name=Bob");
}
