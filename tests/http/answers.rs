//! Answers: those without a body have none (sections 6.3 and 9110 6.4.1), and all are well-formed.

use crate::case::{closed, code, head, kept, ok};
use crate::play::play;

#[test]
fn an_answer_without_a_body_is_followed_by_the_next_answer_at_once() {
    play(cases());
}

const PAGE: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

cases! {
    "204 to an action that renders", "9110 15.3.5":
        ["GET /none HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([code(204), ok("page")]);
    "304 to an action that renders", "9110 15.4.5":
        ["GET /known HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([code(304), ok("page")]);
    "204 to HEAD", "9110 9.3.2":
        ["HEAD /none HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([head(204), ok("page")]);
    "304 to HEAD", "9110 9.3.2":
        ["HEAD /known HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([head(304), ok("page")]);
    "204 in HTTP/1.0", "9110 15.3.5":
        b"GET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" => kept([code(204)]);
    "HEAD of an action that renders", "9110 9.3.2":
        ["HEAD / HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat() => kept([head(200), ok("page")]);
    "HEAD of a file", "9110 9.3.2":
        ["HEAD /files/no_transport.rs HTTP/1.1\r\nHost: test\r\n\r\n", PAGE].concat()
        => kept([head(200), ok("page")]);
    "HEAD of events", "9110 9.3.2":
        b"HEAD /events HTTP/1.1\r\nHost: test\r\n\r\n" => closed([head(200)]);
    "HEAD in HTTP/1.0", "9110 9.3.2":
        b"HEAD / HTTP/1.0\r\n\r\n" => closed([head(200)]);
    "HEAD of a stream in HTTP/1.0", "9110 9.3.2":
        b"HEAD /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" => closed([head(200)]);
    "HEAD with a body", "9110 9.3.2":
        ["HEAD / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi", PAGE].concat()
        => kept([head(200), ok("page")]);
    // RFC 9110, 13.1.1: where a condition does not hold the method MUST NOT be performed.
    "a file that is another one", "9110 13.1.1":
        [&file("If-Match: \"other\"\r\n"), PAGE].concat() => kept([code(412), ok("page")]);
    "a file that is any", "9110 13.1.1":
        file("If-Match: *\r\n") => kept([code(200)]);
    "a file that has changed since", "9110 13.1.4":
        file("If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n") => kept([code(412)]);
    "a file that has changed, by a condition that is silenced", "9110 13.2.2":
        file("If-Match: *\r\nIf-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n")
        => kept([code(200)]);
    "a file that is any and known", "9110 13.2.2":
        file("If-Match: *\r\nIf-None-Match: *\r\n") => kept([code(304)]);
    "no file, whatever it should be", "9110 13.2.1":
        b"GET /files/none HTTP/1.1\r\nHost: test\r\nIf-Match: \"other\"\r\n\r\n"
        => kept([code(404)]);
    "a file's range", "9110 14.2":
        b"GET /files/no_transport.rs HTTP/1.1\r\nHost: test\r\nRange: bytes=0-1\r\n\r\n"
        => kept([code(206)]);
    "a file's range that is none", "9110 15.5.17":
        b"GET /files/no_transport.rs HTTP/1.1\r\nHost: test\r\nRange: bytes=999999-\r\n\r\n"
        => kept([code(416)]);
}

fn file(lines: &str) -> String {
    format!("GET /files/no_transport.rs HTTP/1.1\r\nHost: test\r\n{lines}\r\n")
}
