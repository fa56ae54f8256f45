//! Versions (section 2.3), what HTTP/1.0 has and has not, and which connections are kept (9.3).

use crate::case::{closed, code, kept, ok, refused};
use crate::play::play;

#[test]
fn a_version_is_1_0_or_1_1_and_decides_what_is_kept() {
    play(cases());
}

cases! {
    "HTTP/1.0", "9.3":
        b"GET / HTTP/1.0\r\n\r\n" => closed([ok("page")]);
    "HTTP/1.0 that would be kept", "9.3":
        b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" => kept([ok("page")]);
    "HTTP/1.0 that would be kept, in capitals", "9.3":
        b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" => kept([ok("page")]);
    "HTTP/1.0 that would be kept and closed", "9.3":
        b"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n" => closed([ok("page")]);
    "HTTP/1.0 with a body", "6.3":
        b"POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello" => closed([ok("hello")]);
    // RFC 1945, 8.3: the end of the connection cannot say how long it is, for the answer needs it.
    "HTTP/1.0 with a body of no length", "6.3":
        b"POST /echo HTTP/1.0\r\n\r\nhello" => refused(411);
    // Section 7.1: no chunks to who does not know them.
    "a stream to HTTP/1.0", "6.1":
        b"GET /stream HTTP/1.0\r\n\r\n" => closed([ok("once, and again")]);
    "a stream to HTTP/1.0 that would be kept", "6.1":
        b"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        => closed([ok("once, and again")]);
    "two requests in HTTP/1.0", "9.3":
        b"GET / HTTP/1.0\r\n\r\nGET /smuggled HTTP/1.0\r\n\r\n" => closed([ok("page")]);
    "HTTP/1.0 that is kept, then HTTP/1.1", "9.3":
        b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /plain HTTP/1.1\r\nHost: test\r\n\r\n"
        => kept([ok("page"), ok("plain")]);
    "HTTP/1.1 that is closed", "9.6":
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" => closed([ok("page")]);
    "HTTP/1.1 that is closed among others", "9.6":
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection: foo, CLOSE, bar\r\n\r\n"
        => closed([ok("page")]);
    "HTTP/1.1 that is closed in a second line", "9.6":
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n"
        => closed([ok("page")]);
    "a word like close", "9.6":
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection: closed\r\n\r\n" => kept([ok("page")]);
    "an empty `Connection`", "9110 7.6.1":
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection:\r\n\r\n" => kept([ok("page")]);
    "what is not found and closed", "9.6":
        b"GET /nowhere HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" => closed([code(404)]);
    "HTTP/2.0", "9110 15.6.6":
        b"GET / HTTP/2.0\r\nHost: test\r\n\r\n" => refused(505);
    "HTTP/2 with prior knowledge", "9113 3.4":
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0" => refused(505);
    "HTTP/3.0", "9110 15.6.6":
        b"GET / HTTP/3.0\r\nHost: test\r\n\r\n" => refused(505);
    "HTTP/0.9 by its name", "9110 15.6.6":
        b"GET / HTTP/0.9\r\nHost: test\r\n\r\n" => refused(505);
    "HTTP/9.9", "9110 15.6.6":
        b"GET / HTTP/9.9\r\nHost: test\r\n\r\n" => refused(505);
    // RFC 9110, 6.2, SHOULD take it for 1.1; there is none and will be none: it is a probe.
    "HTTP/1.2", "9110 6.2":
        b"GET / HTTP/1.2\r\nHost: test\r\n\r\n" => refused(505);
    "a minor version of two digits", "2.3":
        b"GET / HTTP/1.10\r\nHost: test\r\n\r\n" => refused(400);
    "a minor version that begins well", "2.3":
        b"GET / HTTP/1.1x\r\nHost: test\r\n\r\n" => refused(400);
    "a zero before the major version", "2.3":
        b"GET / HTTP/01.1\r\nHost: test\r\n\r\n" => refused(505);
    "no minor version", "2.3":
        b"GET / HTTP/1\r\nHost: test\r\n\r\n" => refused(400);
    "a comma in the version", "2.3":
        b"GET / HTTP/1,1\r\nHost: test\r\n\r\n" => refused(400);
    "a version in small letters", "2.3":
        b"GET / http/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "another protocol's version", "2.3":
        b"GET / FTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a version with CR in it", "2.3":
        b"GET / HTTP/\r\r1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a version without its slash", "2.3":
        b"GET / HTTP1.1\r\nHost: test\r\n\r\n" => refused(400);
}
