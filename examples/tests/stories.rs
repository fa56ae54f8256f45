//! Every example does what its story says, as a process, over real sockets, and leaves on SIGTERM.

mod client;
mod congress;
mod example;

use std::time::{Duration, Instant};

use client::{DEADLINE, Said, parsed};
use crampon::protocol::http::{BodyLength, Method};
use example::Example;
use serde_json::json;

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
        assert_eq!((answer.status, answer.body.as_str()), (200, body), "{target}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "{target}");
    }
    let head = hello.ask(Method::HEAD, "/", b"");
    assert_eq!((head.status, head.header("content-length"), head.body.as_str()), (200, "14", ""));
    assert_eq!(hello.get("/Ada/Byron").status, 404);
    let refused = hello.post("/", "hello");
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"));
    hello.stop();
}

#[test]
fn the_clock_ticks_at_once_and_then_every_second() {
    let clock = Example::start("clock", &[]);
    let mut time = clock.events("/time", None);
    let mut tick = || -> u64 {
        let tick = time.next_event().expect("time goes on");
        assert_eq!(tick.event, "tick");
        tick.data.parse().expect("milliseconds")
    };
    let times = [tick(), tick(), tick()];
    for pair in times.windows(2) {
        let milliseconds = pair[1] - pair[0];
        assert!((500..2_000).contains(&milliseconds), "a second took {milliseconds} ms");
    }
    clock.expect_page("new EventSource(\"/time\")");
    clock.stop();
    while time.next_event().is_some() {}
}

#[test]
fn notifications_are_random_and_end_with_their_viewer() {
    let notifications = Example::start("notifications", &["--every", "100ms"]);
    let mut first = notifications.events("/notifications", None);
    let mut next = || {
        let event = first.next_event().expect("tokens come for ever");
        assert_eq!(event.event, "token");
        let said = parsed(&event.data);
        (said["token"].as_str().expect("a token").to_owned(), said["viewers"].as_u64())
    };
    let (token, viewers) = next();
    assert_eq!((token.len(), viewers), (16, Some(1)));
    assert_ne!(next().0, token);

    let mut second = notifications.events("/notifications", None);
    second.next_event().expect("a token at once");
    assert_eq!(second.retry, Some(Duration::from_millis(300)));
    until(|| next().1 == Some(2));
    drop(second);
    until(|| next().1 == Some(1));
    notifications.expect_page("addEventListener(\"token\"");
    notifications.stop();
}

#[test]
fn echo_greets_with_its_path_and_answers_every_message() {
    let echo = Example::start("echo", &[]);
    for path in ["/echo", "/echo/from/afar"] {
        let mut socket = echo.socket(path);
        assert_eq!(socket.text(), format!("Connected to {path}"));
        socket.send("hello");
        socket.send("grüß Gott");
        assert_eq!(socket.text(), "Pong: hello");
        assert_eq!(socket.text(), "Pong: grüß Gott");
        socket.send_binary(b"\xff");
        assert_eq!(socket.heard(), Said::Closed(1003));
    }
    assert_eq!(echo.get("/echo").status, 426);
    echo.expect_page("new WebSocket");
    let mut open = echo.socket("/echo");
    open.text();
    echo.terminate();
    assert_eq!(open.heard(), Said::Closed(1001));
    echo.wait();
}

#[test]
fn a_chat_sounds_the_same_on_every_transport() {
    let chat = Example::start("chat", &[]);
    let mut ada = chat.socket("/rooms/lobby?nick=ada");
    // Who hears itself has arrived, and what was said before is caught up on.
    ada.send("hello");
    let hello = parsed(&ada.text());
    assert_eq!((&hello["nick"], &hello["text"]), (&json!("ada"), &json!("hello")));

    let mut bob = chat.events("/rooms/lobby?nick=bob", None);
    let event = bob.next_event().expect("what was said before");
    assert_eq!((parsed(&event.data), event.id), (hello.clone(), hello["id"].to_string()));

    let said = chat.post_form("/rooms/lobby?nick=bob", " good morning ");
    assert_eq!((said.status, said.body.as_str()), (204, ""));
    let morning = parsed(&ada.text());
    assert_eq!((&morning["nick"], &morning["text"]), (&json!("bob"), &json!("good morning")));
    assert_eq!(parsed(&bob.next_event().expect("his own words").data), morning);

    // A poll hears one line, and names it to hear the one behind it.
    assert_eq!(parsed(&chat.get("/rooms/lobby").body), hello);
    let next = format!("/rooms/lobby?last-event-id={}", hello["id"]);
    assert_eq!(parsed(&chat.get(&next).body), morning);

    // So does who comes back.
    let mut back = chat.events("/rooms/lobby", hello["id"].as_u64());
    assert_eq!(parsed(&back.next_event().expect("what was missed").data), morning);
    drop(ada);
    chat.stop();
}

#[test]
fn a_chat_keeps_its_rooms_apart_and_its_nicks_short() {
    let chat = Example::start("chat", &[]);
    let mut attic = chat.socket("/rooms/attic");
    chat.post("/rooms/cellar?nick=eve", "can you hear me?");
    attic.send("  ");
    attic.send("who is there?");
    let heard = parsed(&attic.text());
    drop(attic);
    assert_eq!((&heard["nick"], &heard["text"]), (&json!("guest"), &json!("who is there?")));
    for (target, status) in [
        ("/rooms/attic?nick=", 400),
        ("/rooms/attic?nick=a-nick-that-is-longer-than-thirty-two", 400),
        ("/rooms/attic?last-event-id=yesterday", 400),
        ("/rooms/", 404),
    ] {
        assert_eq!(chat.get(target).status, status, "{target}");
    }
    chat.expect_page("long_polling");
    chat.stop();
}

#[test]
fn ping_says_five_pings_a_second_apart_and_goodbye() {
    let ping = Example::start("ping", &[]);
    let began = Instant::now();
    let mut wire = ping.open(&Method::GET, "/", BodyLength::None);
    let answer = wire.answer(&Method::GET);
    assert_eq!(answer.body, format!("{}ok, bye!\n", "ping\n\n".repeat(5)));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("transfer-encoding"), "chunked");
    assert!(began.elapsed() > Duration::from_millis(4_500), "took {:?}", began.elapsed());
    ping.stop();
}

#[test]
fn a_long_poll_is_answered_when_something_is_posted() {
    let long_poll = Example::start("long_poll", &[]);
    let mut waiting = long_poll.open(&Method::GET, "/", BodyLength::None);
    // What is posted before the poll has arrived is not for it: post until it hears.
    until(|| {
        let posted = long_poll.post("/", "it rains");
        assert_eq!((posted.status, posted.body.as_str()), (204, ""));
        waiting.hears_within(Duration::from_millis(200))
    });
    let answer = waiting.answer(&Method::GET);
    assert_eq!((answer.status, answer.body.as_str()), (200, "it rains"));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    long_poll.stop();
}

#[test]
fn a_long_poll_without_news_ends_with_nothing() {
    let long_poll = Example::start("long_poll", &["--poll-timeout", "300ms"]);
    let began = Instant::now();
    let answer = long_poll.get("/");
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert!(began.elapsed() >= Duration::from_millis(300), "took {:?}", began.elapsed());
    long_poll.stop();
}

#[test]
fn an_upload_is_counted_and_summed_however_it_comes() {
    let upload = Example::start("chunked_upload", &[]);
    let body: Vec<u8> = b"0123456789abcdef".repeat(64 * 1024);
    let sum = "7b961ac18d33b99122ed5d88d1ce62dd19fc8c69";
    let receipt = parsed(&upload.ask(Method::PUT, "/upload", &body).body);
    assert_eq!((&receipt["bytes"], &receipt["sha1"]), (&json!(body.len()), &json!(sum)));

    // Chunk by chunk it is the same.
    let mut wire = upload.open(&Method::PUT, "/upload", BodyLength::Chunked);
    for chunk in body.chunks(100_000) {
        wire.send(format!("{:x}\r\n", chunk.len()).as_bytes());
        wire.send(chunk);
        wire.send(b"\r\n");
    }
    wire.send(b"0\r\n\r\n");
    let receipt = parsed(&wire.answer(&Method::PUT).body);
    assert_eq!((&receipt["bytes"], &receipt["sha1"]), (&json!(body.len()), &json!(sum)));

    // The sums of RFC 3174 and of nothing at all.
    for (body, sum) in [
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ] {
        for answer in [upload.post("/upload", body), upload.post_form("/upload", body)] {
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
            let receipt = parsed(&answer.body);
            assert_eq!((&receipt["bytes"], &receipt["sha1"]), (&json!(body.len()), &json!(sum)));
        }
    }
    upload.stop();
}

/// Tries until it is so; each try waits by itself.
fn until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < DEADLINE, "it did not become so in {DEADLINE:?}");
    }
}
