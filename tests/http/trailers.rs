//! Trailers (section 7.1.2): checked, counted, dropped.

use crate::case::{chunked, closed, code, cut, kept, ok, refused};
use crate::play::play;

#[test]
fn a_trailer_changes_nothing_about_its_message() {
    play(cases());
}

const HIDDEN: &str = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

// A section of trailers that cannot be read is an end of the message that cannot be found.
cases! {
    "a trailer", "7.1.2":
        with("Checksum: 1\r\n") => kept([ok("hello")]);
    "two trailers and one without a value", "7.1.2":
        with("A: 1\r\nB: 2\r\nC:\r\n") => kept([ok("hello")]);
    // RFC 9110, 6.5.1: these must not be sent there, and MUST NOT be merged into the head.
    "a length among the trailers", "9110 6.5.1":
        with("Content-Length: 100\r\n") => kept([ok("hello")]);
    "a coding among the trailers", "9110 6.5.1":
        with("Transfer-Encoding: gzip\r\n") => kept([ok("hello")]);
    "a second host among the trailers", "9110 6.5.1":
        with("Host: other\r\n") => kept([ok("hello")]);
    "a close among the trailers", "9110 6.5.1":
        with("Connection: close\r\n") => kept([ok("hello")]);
    "an expectation among the trailers", "9110 6.5.1":
        with("Expect: miracles\r\n") => kept([ok("hello")]);
    "a blank before a trailer's colon", "5.1":
        hidden("A : 1\r\n") => refused(400);
    "an empty trailer's name", "5":
        hidden(": 1\r\n") => refused(400);
    "a trailer without a colon", "5":
        hidden("A\r\n") => refused(400);
    "a folded trailer", "5.2":
        hidden("A: 1\r\n 2\r\n") => refused(400);
    "a blank before the first trailer", "5.2":
        hidden(" A: 1\r\n") => refused(400);
    "a bare LF behind a trailer", "2.2":
        hidden("A: 1\nB: 2\r\n") => refused(400);
    "a bare CR in a trailer", "2.2":
        hidden("A: 1\rB: 2\r\n") => refused(400);
    "a NUL in a trailer", "9110 5.5":
        hidden("A: \0\r\n") => refused(400);
    "a NUL in a trailer's name", "9110 5.6.2":
        hidden("A\0: 1\r\n") => refused(400);
    // `Name:` and the value's bytes are what is counted, without the ends of lines.
    "trailers of 8,192 bytes", "7.1.2":
        with(&format!("A:{}\r\n", "a".repeat(8190))) => kept([ok("hello")]);
    "trailers of 8,193 bytes", "9110 15.5.14":
        hidden(&format!("A:{}\r\n", "a".repeat(8191))) => refused(431);
    "trailers of a body nobody takes", "7.1.2":
        b"POST /deaf HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\n"
        => kept([ok("deaf")]);
    "bad trailers of a body nobody takes", "7.1.2":
        format!(
            "POST /deaf HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
             0\r\nA : 1\r\n\r\n{HIDDEN}"
        ) => cut([ok("deaf")]);
    "a request that is a trailer to a reader who knows none", "7.1.2":
        chunked(&format!("5\r\nhello\r\n0\r\n{HIDDEN}")) => refused(400);
    "a request behind the trailers", "7.1.2":
        with("A: 1\r\n\r\nGET /plain HTTP/1.1\r\nHost: test\r\n")
        => kept([ok("hello"), ok("plain")]);
    "a second end behind the trailers", "2.2":
        with("A: 1\r\n\r\n\n") => closed([ok("hello"), code(400)]);
}

fn with(trailers: &str) -> Vec<u8> {
    chunked(&format!("5\r\nhello\r\n0\r\n{trailers}\r\n"))
}

fn hidden(trailers: &str) -> Vec<u8> {
    chunked(&format!("5\r\nhello\r\n0\r\n{trailers}\r\n{HIDDEN}"))
}
