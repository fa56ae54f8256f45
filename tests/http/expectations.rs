//! `Expect` (RFC 9110, section 10.1.1).

use crate::case::{closed, code, kept, ok, post, refused, waits};
use crate::play::play;

#[test]
fn a_client_that_waits_is_told_to_go_on_and_one_that_expects_more_is_refused() {
    play(cases());
}

cases! {
    "an expectation that is met, before the body", "9110 10.1.1":
        post("Expect: 100-continue\r\nContent-Length: 5\r\n", "") => waits([code(100)]);
    "an expectation that is met", "9110 10.1.1":
        post("Expect: 100-continue\r\nContent-Length: 5\r\n", "hello")
        => kept([code(100), ok("hello")]);
    "an expectation in any case", "9110 10.1.1":
        post("expect: 100-Continue\r\nContent-Length: 5\r\n", "hello")
        => kept([code(100), ok("hello")]);
    "an expectation of chunks", "9110 10.1.1":
        post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")
        => kept([code(100), ok("hello")]);
    "an expectation said twice", "9110 10.1.1":
        post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5\r\n", "hello")
        => kept([code(100), ok("hello")]);
    "an expectation in a list of one", "9110 10.1.1":
        post("Expect: , 100-continue,\r\nContent-Length: 5\r\n", "hello")
        => kept([code(100), ok("hello")]);
    "no expectation", "9110 10.1.1":
        post("Expect:\r\nContent-Length: 5\r\n", "hello") => kept([ok("hello")]);
    "an expectation of a form", "9110 10.1.1":
        b"POST /form HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\n\
        Expect: 100-continue\r\nContent-Length: 8\r\n\r\nname=Ada" => kept([code(100), ok("Ada")]);
    // A server MAY leave 100 out where there is nothing to wait for.
    "an expectation without a body", "9110 10.1.1":
        b"GET / HTTP/1.1\r\nHost: example.com\r\nExpect: 100-continue\r\n\r\n"
        => kept([ok("page")]);
    "an expectation of no bytes", "9110 10.1.1":
        post("Expect: 100-continue\r\nContent-Length: 0\r\n", "") => kept([ok("")]);
    // An HTTP/1.0 client's MUST be ignored.
    "an expectation in HTTP/1.0", "9110 10.1.1":
        b"POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"
        => closed([ok("hello")]);
    "an unknown expectation", "9110 10.1.1":
        post("Expect: miracles\r\nContent-Length: 5\r\n", "hello") => refused(417);
    "an unknown expectation beside the known one", "9110 10.1.1":
        post("Expect: 100-continue, miracles\r\nContent-Length: 5\r\n", "hello") => refused(417);
    "an unknown expectation without a body", "9110 10.1.1":
        b"GET / HTTP/1.1\r\nHost: test\r\nExpect: 200-ok\r\n\r\n" => refused(417);
    // A final answer instead of 100; whether the body follows is then anyone's guess.
    "an expectation refused before the body", "9110 10.1.1":
        b"POST /guarded HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        => closed([code(401)]);
    "an expectation where nothing is", "9110 10.1.1":
        b"POST /nowhere HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        => closed([code(404)]);
    "an expectation of a body nobody takes", "9110 10.1.1":
        b"POST /deaf HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        => closed([ok("deaf")]);
    "an expectation of too much", "9110 10.1.1":
        post("Expect: 100-continue\r\nContent-Length: 257\r\n", "") => refused(413);
    "an expectation and a request in the body's place", "9110 10.1.1":
        b"POST /guarded HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n\
        Content-Length: 38\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"
        => closed([code(401)]);
}
