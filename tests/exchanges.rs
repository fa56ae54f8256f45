//! Requests and answers on one connection: in order, one after the other, and what keeps it.

use std::time::Duration;

use crampon::prelude::*;
use crampon::protocol::http::Method;
use crampon_tests::{Browser, Diary, Host, Pen, diary};

/// Answers with the word in its path.
#[action(transport = regular)]
struct Word;

#[callbacks]
impl Word {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        cx.render(cx.param::<String>("word")?);
        cx.finish();
        Ok(())
    }
}

/// Answers with the word in its path when a thread has come back with it.
#[action(transport = regular)]
struct Deferred;

#[callbacks]
impl Deferred {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let word = cx.param::<String>("word")?;
        cx.defer(move || word).then(|_, cx, word: Result<String, DeferError>| {
            cx.render(word.unwrap_or_default());
            cx.finish();
        });
        Ok(())
    }
}

/// Says one chunk, or event, now and the last one on the next tick.
#[action(transport = sse | chunked)]
struct Story;

#[callbacks]
impl Story {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("once");
        cx.after(Duration::from_millis(5), |_, cx| {
            cx.render("the end");
            cx.finish();
        });
    }
}

/// Takes bodies, or refuses them before they are sent.
#[action(transport = regular, body_bytes_max = 300_000)]
struct Upload {
    pen: Pen,
}

#[callbacks]
impl Upload {
    #[before_start]
    fn admit(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match cx.header("authorization") {
            Some("no") => Err(Halt::new(401, "who are you?")),
            _ => Ok(()),
        }
    }

    #[on_data]
    fn received(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        self.pen.write(body.len());
        cx.render(format!("{} bytes", body.len()));
        cx.finish();
    }
}

/// Answers without a look at the body.
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

fn host() -> (Host, Diary) {
    let (pen, diary) = diary();
    let host = Host::serve(move || {
        Routes::new()
            .at("/word/{word}", || Word)
            .at("/deferred/{word}", || Deferred)
            .at("/story", || Story)
            .post("/upload", move || Upload { pen: pen.clone() })
            .post("/deaf", || Deaf)
    });
    (host, diary)
}

fn ask(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")
}

/// Whether the server takes another request here.
fn is_kept(browser: &mut Browser) -> bool {
    use std::io::Write;
    browser.stream().write_all(ask("/word/again").as_bytes()).is_ok()
        && browser.read_more()
        && browser.answer().text() == "again"
}

#[test]
fn a_request_split_anywhere_is_answered_the_same() {
    let (host, _) = host();
    let mut browser = host.connect();
    let request = "POST /upload HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n\
        5;x=y\r\nhello\r\n0\r\nchecksum: 1\r\n\r\n";
    for cut in 0..request.len() {
        browser.send(&request[..cut]);
        browser.send(&request[cut..]);
        assert_eq!(browser.answer().text(), "5 bytes", "cut at {cut}");
    }
}

#[test]
fn a_request_arriving_byte_by_byte_is_answered() {
    let (host, _) = host();
    let mut browser = host.connect();
    for byte in ask("/word/slow").bytes() {
        browser.send([byte]);
    }
    assert_eq!(browser.answer().text(), "slow");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (host, _) = host();
    let mut browser = host.connect();
    let words: Vec<String> = (0..500).map(|number| format!("word{number}")).collect();
    let path = |(number, word): (usize, &String)| match number % 3 {
        0 => ask(&format!("/deferred/{word}")),
        _ => ask(&format!("/word/{word}")),
    };
    browser.send(words.iter().enumerate().map(path).collect::<String>());
    for word in &words {
        assert_eq!(browser.answer().text(), word);
    }
}

#[test]
fn a_request_pipelined_behind_a_body_is_answered() {
    let (host, _) = host();
    let mut browser = host.connect();
    let body = "POST /upload HTTP/1.1\r\nhost: test\r\n";
    browser.send(format!(
        "{body}content-length: 3\r\n\r\nabc{body}transfer-encoding: chunked\r\n\r\n\
         2\r\nab\r\n0\r\ntrailer: yes\r\n\r\n{}",
        ask("/word/after")
    ));
    assert_eq!(browser.answer().text(), "3 bytes");
    assert_eq!(browser.answer().text(), "2 bytes");
    assert_eq!(browser.answer().text(), "after");
}

#[test]
fn a_request_pipelined_behind_a_stream_waits_until_it_ends() {
    let (host, _) = host();
    let mut browser = host.connect();
    browser.send(format!("{}{}", ask("/story"), ask("/word/after")));
    assert_eq!(browser.answer().text(), "oncethe end");
    assert_eq!(browser.answer().text(), "after");
}

#[test]
fn a_request_pipelined_behind_an_event_stream_ends_with_it() {
    let (host, _) = host();
    let mut browser = host.connect();
    let events = "GET /story HTTP/1.1\r\nhost: test\r\naccept: text/event-stream\r\n\r\n";
    browser.send(format!("{events}{}", ask("/word/after")));
    let answer = browser.answer();
    assert_eq!(answer.text(), "data: once\n\ndata: the end\n\n");
    assert_eq!(answer.header("connection"), "close");
    browser.expect_end();
}

#[test]
fn a_connection_is_kept_as_the_version_and_the_client_have_it() {
    let (host, _) = host();
    for (line, more, keeps, says) in [
        ("GET /word/a HTTP/1.1", "", true, ""),
        ("GET /word/a HTTP/1.1", "connection: close\r\n", false, "close"),
        ("GET /word/a HTTP/1.1", "connection: Foo, CLOSE\r\n", false, "close"),
        ("GET /word/a HTTP/1.0", "", false, "close"),
        ("GET /word/a HTTP/1.0", "connection: keep-alive\r\n", true, "keep-alive"),
        ("GET /story HTTP/1.1", "", true, ""),
        ("GET /story HTTP/1.0", "connection: keep-alive\r\n", false, "close"),
    ] {
        let mut browser = host.connect();
        browser.send(format!("{line}\r\nhost: test\r\n{more}\r\n"));
        let answer = browser.answer();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.header("connection"), says, "{line} {more}");
        assert_eq!(answer.header("transfer-encoding").is_empty(), !line.contains("story HTTP/1.1"));
        assert_eq!(is_kept(&mut browser), keeps, "{line} {more}");
    }
}

#[test]
fn head_is_answered_with_the_head_of_get_and_nothing_more() {
    let (host, _) = host();
    let mut browser = host.connect();
    for path in ["/word/hello", "/deferred/hello"] {
        browser.send(format!("HEAD {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
        let answer = browser.answer_to(&Method::HEAD);
        assert_eq!((answer.status(), answer.header("content-length")), (200, "5"), "{path}");
    }
    browser.send("HEAD /story HTTP/1.1\r\nhost: test\r\n\r\n");
    let answer = browser.answer_to(&Method::HEAD);
    assert_eq!((answer.status(), answer.header("transfer-encoding")), (200, "chunked"));
    browser.send("HEAD /nowhere HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(browser.answer_to(&Method::HEAD).status(), 404);
    assert!(is_kept(&mut browser), "no body was sent after any of them");
}

#[test]
fn a_client_that_waits_for_it_is_told_to_send_its_body() {
    let (host, diary) = host();
    let mut browser = host.connect();
    let head = "POST /upload HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\n\
        content-length: 5\r\n\r\n";
    browser.send(head);
    assert_eq!(browser.head().status(), 100);
    browser.send("hello");
    assert_eq!(browser.answer().text(), "5 bytes");
    assert!(is_kept(&mut browser));
    drop(host);
    assert_eq!(diary.rest(), ["5"]);
}

#[test]
fn a_client_that_is_refused_is_not_told_to_send_its_body() {
    let (host, diary) = host();
    for (path, more, status) in [
        ("/upload", "authorization: no\r\ncontent-length: 5\r\n", 401),
        ("/upload", "content-length: 300001\r\n", 413),
        ("/nowhere", "content-length: 5\r\n", 404),
        ("/deaf", "content-length: 5\r\n", 200),
    ] {
        let mut browser = host.connect();
        browser.send(format!(
            "POST {path} HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\n{more}\r\n"
        ));
        let answer = browser.answer();
        assert_eq!((answer.status(), answer.header("connection")), (status, "close"), "{path}");
        browser.expect_end();
    }
    drop(host);
    assert!(diary.rest().is_empty());
}

#[test]
fn a_body_nobody_reads_is_passed_over_to_the_next_request() {
    let (host, _) = host();
    let mut browser = host.connect();
    for body in [
        "content-length: 0\r\n\r\n".to_owned(),
        "content-length: 10\r\n\r\n0123456789".into(),
        format!("content-length: 60000\r\n\r\n{}", "x".repeat(60_000)),
        "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".into(),
    ] {
        browser.send(format!("POST /deaf HTTP/1.1\r\nhost: test\r\n{body}"));
        assert_eq!(browser.answer().text(), "whatever");
        assert!(is_kept(&mut browser));
    }
}

#[test]
fn a_huge_body_nobody_reads_does_not_cost_the_client_its_answer() {
    let (host, _) = host();
    for (path, status) in [("/deaf", 200), ("/upload", 413), ("/nowhere", 404)] {
        let mut browser = host.connect();
        browser
            .send(format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: 8000000\r\n\r\n"));
        // The client sends on, as most do, and only then looks for an answer.
        for _ in 0..40 {
            browser.send([b'x'; 100_000]);
        }
        let answer = browser.answer();
        assert_eq!((answer.status(), answer.header("connection")), (status, "close"), "{path}");
        browser.half_close();
        browser.expect_end();
    }
}

#[test]
fn a_chunked_body_past_what_is_passed_over_ends_the_connection_after_the_answer() {
    let (host, _) = host();
    let mut browser = host.connect();
    browser.send("POST /deaf HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n");
    assert_eq!(browser.answer().text(), "whatever");
    for _ in 0..20 {
        browser.send(format!("2710\r\n{}\r\n", "x".repeat(10_000)));
    }
    browser.expect_end();
}
