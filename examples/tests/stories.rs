//! Every example does what its story says, as a process, over real sockets, and leaves on SIGTERM.

mod chat;
mod congress;
mod picture_frame;
mod ticker;

use std::time::{Duration, Instant};

use crampon::protocol::http::Method;
use crampon_tests::{Answer, Example, PATIENCE, Request};
use serde_json::{Value, json};

#[test]
fn hello_greets_by_path_and_by_query() {
    let hello = Example::start("hello", &[]);
    for (target, body) in [
        ("/", "Hello, World!\n"),
        ("/Ada", "Hello, Ada!\n"),
        ("/?name=Ada", "Hello, Ada!\n"),
        ("/?name=%3Cb%3E", "Hello, <b>!\n"),
    ] {
        let answer = hello.get(target);
        assert_eq!((answer.status(), answer.text()), (200, body), "{target}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "{target}");
    }
    let head = hello.ask(&Request::new(Method::HEAD, "/"));
    assert_eq!((head.status(), head.header("content-length"), head.text()), (200, "14", ""));
    assert_eq!(hello.get("/Ada/Byron").status(), 404);
    let refused = hello.post("/", "hello");
    assert_eq!((refused.status(), refused.header("allow")), (405, "GET, HEAD"));
    hello.stop();
}

#[test]
fn the_clock_ticks_at_once_and_then_every_second() {
    let clock = Example::start("clock", &[]);
    let mut time = clock.events("/time");
    let mut tick = || -> u64 {
        let tick = time.event();
        assert_eq!(tick.event, "tick");
        tick.data.parse().expect("milliseconds")
    };
    let times = [tick(), tick(), tick()];
    for pair in times.windows(2) {
        let milliseconds = pair[1] - pair[0];
        assert!((500..2_000).contains(&milliseconds), "a second took {milliseconds} ms");
    }
    expect_page(&clock, "new EventSource(\"/time\")");
    clock.stop();
    assert!(time.last().is_some(), "the stream ends, with a last word");
}

#[test]
fn notifications_are_random_and_end_with_their_viewer() {
    let notifications = Example::start("notifications", &["--every", "100ms"]);
    let mut first = notifications.events("/notifications");
    let mut next = || {
        let event = first.event();
        assert_eq!(event.event, "token");
        let said = parsed(&event.data);
        (said["token"].as_str().expect("a token").to_owned(), said["viewers"].as_u64())
    };
    let (token, viewers) = next();
    assert_eq!((token.len(), viewers), (16, Some(1)));
    assert_ne!(next().0, token);

    let mut second = notifications.events("/notifications");
    second.event();
    assert_eq!(second.retry, Some(Duration::from_millis(300)));
    until(|| next().1 == Some(2));
    drop(second);
    until(|| next().1 == Some(1));
    expect_page(&notifications, "addEventListener(\"token\"");
    notifications.stop();
}

#[test]
fn echo_greets_with_its_path_and_answers_every_message() {
    let echo = Example::start("echo", &[]);
    for path in ["/echo", "/echo/from/afar"] {
        let mut socket = echo.open(path);
        assert_eq!(socket.text(), format!("Connected to {path}"));
        socket.say("hello");
        socket.say("grüß Gott");
        assert_eq!(socket.text(), "Pong: hello");
        assert_eq!(socket.text(), "Pong: grüß Gott");
        socket.say_binary(b"\xff");
        assert_eq!(socket.receive().code(), Some(1003));
    }
    assert_eq!(echo.get("/echo").status(), 426);
    expect_page(&echo, "new WebSocket");
    let mut open = echo.open("/echo");
    open.text();
    echo.terminate();
    assert_eq!(open.receive().code(), Some(1001));
    open.close(1001, "");
    echo.wait();
}

#[test]
fn ping_says_five_pings_a_second_apart_and_goodbye() {
    let ping = Example::start("ping", &[]);
    let began = Instant::now();
    let answer = ping.get("/");
    assert_eq!(answer.text(), format!("{}ok, bye!\n", "ping\n\n".repeat(5)));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("transfer-encoding"), "chunked");
    assert!(began.elapsed() > Duration::from_millis(4_500), "took {:?}", began.elapsed());
    ping.stop();
}

#[test]
fn a_long_poll_is_answered_when_something_is_posted() {
    let long_poll = Example::start("long_poll", &[]);
    let mut waiting = long_poll.connect();
    waiting.get("/");
    // What is posted before the poll has arrived is not for it: post until it hears.
    until(|| {
        let posted = long_poll.post("/", "it rains");
        assert_eq!((posted.status(), posted.text()), (204, ""));
        waiting.hears_within(Duration::from_millis(200))
    });
    let answer = waiting.answer();
    assert_eq!((answer.status(), answer.text()), (200, "it rains"));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    long_poll.stop();
}

#[test]
fn a_long_poll_without_news_ends_with_nothing() {
    let long_poll = Example::start("long_poll", &["--poll-timeout", "300ms"]);
    let began = Instant::now();
    let answer = long_poll.get("/");
    assert_eq!((answer.status(), answer.text()), (204, ""));
    assert!(began.elapsed() >= Duration::from_millis(300), "took {:?}", began.elapsed());
    long_poll.stop();
}

#[test]
fn an_upload_is_counted_and_summed_however_it_comes() {
    let upload = Example::start("chunked_upload", &[]);
    let body: Vec<u8> = b"0123456789abcdef".repeat(64 * 1024);
    let sum = "7b961ac18d33b99122ed5d88d1ce62dd19fc8c69";
    let put = Request::new(Method::PUT, "/upload");
    // Chunk by chunk it is the same.
    for put in [put.clone().body(&body), put.chunks(body.chunks(100_000))] {
        let receipt = parsed(upload.ask(&put).text());
        assert_eq!((&receipt["bytes"], &receipt["sha1"]), (&json!(body.len()), &json!(sum)));
    }

    // The sums of RFC 3174 and of nothing at all.
    for (body, sum) in [
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ] {
        for answer in [upload.post("/upload", body), post_form(&upload, "/upload", body)] {
            assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json"));
            let receipt = parsed(answer.text());
            assert_eq!((&receipt["bytes"], &receipt["sha1"]), (&json!(body.len()), &json!(sum)));
        }
    }
    upload.stop();
}

/// Reads JSON.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text:?} is not JSON: {error}"))
}

/// Sends text as `curl -d` does, which calls everything a form.
fn post_form(example: &Example, path: &str, text: &str) -> Answer {
    let form = "application/x-www-form-urlencoded";
    example.ask(&Request::post(path, text).header("content-type", form))
}

/// Expects a page at `/` that has `words` in it, and nothing that comes from elsewhere.
fn expect_page(example: &Example, words: &str) {
    let page = example.get("/");
    assert_eq!((page.status(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text().contains(words), "the page has {words:?}");
    let text = page.text().replace("http://www.w3.org/", "");
    assert!(!text.contains("https://") && !text.contains("http://"), "all of it is here");
}

/// Tries until it is so; each try waits by itself.
fn until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it did not become so in {PATIENCE:?}");
    }
}
