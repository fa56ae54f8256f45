//! Requests sent before the answers to those in front of them (section 9.3.2).

use crate::case::{Outcome, Then, closed, code, head, kept, ok, waits};
use crate::play::play;

#[test]
fn pipelined_requests_are_answered_in_order_up_to_the_first_that_ends_the_connection() {
    play(cases());
}

const PAGE: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
const PLAIN: &str = "GET /plain HTTP/1.1\r\nHost: test\r\n\r\n";
const STREAM: &str = "GET /stream HTTP/1.1\r\nHost: test\r\n\r\n";
const ECHO: &str = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED: &str = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
    2\r\nhi\r\n0\r\n\r\n";
const NO_CHUNKS: &str = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
    x\r\n";
const TOO_LONG: &str = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 300\r\n\r\n";
const HEAD: &str = "HEAD /plain HTTP/1.1\r\nHost: test\r\n\r\n";
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

cases! {
    "three requests", "9.3.2":
        [PAGE, PLAIN, PAGE].concat() => kept([ok("page"), ok("plain"), ok("page")]);
    "requests of many kinds", "9.3.2":
        [ECHO, HEAD, CHUNKED, PAGE, ECHO].concat()
        => kept([ok("hello"), head(200), ok("hi"), ok("page"), ok("hello")]);
    "a thousand requests", "9.3.2":
        [PAGE, PLAIN].concat().repeat(500)
        => Outcome { answers: [ok("page"), ok("plain")].repeat(500), then: Then::Kept };
    "a thousand bodies", "9.3.2":
        [ECHO, CHUNKED].concat().repeat(500)
        => Outcome { answers: [ok("hello"), ok("hi")].repeat(500), then: Then::Kept };
    "a request behind one that is not found", "9.3.2":
        ["GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([code(404), ok("page")]);
    "a request behind one whose method is not allowed", "9.3.2":
        ["DELETE / HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat() => kept([code(405), ok("page")]);
    "a request behind one that was refused by its action", "9.3.2":
        ["POST /guarded HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi", PAGE].concat()
        => kept([code(401), ok("page")]);
    "a request behind a stream", "9.3.2":
        [STREAM, PAGE].concat() => kept([ok("once, and again"), ok("page")]);
    "requests between streams", "9.3.2":
        [PAGE, STREAM, ECHO, STREAM, HEAD].concat()
        => kept([ok("page"), ok("once, and again"), ok("hello"), ok("once, and again"), head(200)]);
    "a request behind an event stream", "9.3.2":
        ["GET /events HTTP/1.1\r\nHost: test\r\n\r\n", SMUGGLED].concat()
        => closed([ok("data: once\n\n")]);
    "a request behind one that cannot be read", "9.3.2":
        [PAGE, "GET / HTTP/1.1\r\n\r\n", SMUGGLED].concat() => closed([ok("page"), code(400)]);
    "a request behind a body that cannot be read", "9.3.2":
        [PAGE, NO_CHUNKS, SMUGGLED].concat() => closed([ok("page"), code(400)]);
    "a request behind a body that is too long", "9.3.2":
        [PAGE, TOO_LONG, SMUGGLED].concat()
        => closed([ok("page"), code(413)]);
    "a request behind the last one, that is closed", "9.6":
        [PAGE, "GET /plain HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", SMUGGLED].concat()
        => closed([ok("page"), ok("plain")]);
    "a request behind an unmet expectation", "9110 10.1.1":
        ["GET / HTTP/1.1\r\nHost: test\r\nExpect: miracles\r\n\r\n", SMUGGLED].concat()
        => closed([code(417)]);
    "half a request behind a whole one", "9.3.2":
        [PAGE, "GET /smug"].concat() => waits([ok("page")]);
    "a request behind a file", "9.3.2":
        ["GET /files/no_transport.rs HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([code(200), ok("page")]);
    "a request behind a stream's head", "9.3.2":
        ["HEAD /stream HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([head(200), ok("page")]);
    "a request behind OPTIONS of the whole server", "9.3.2":
        ["OPTIONS * HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi", PAGE].concat()
        => kept([code(204), ok("page")]);
}
