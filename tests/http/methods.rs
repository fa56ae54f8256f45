//! Methods (RFC 9110, section 9).

use crate::case::{code, head, kept, ok, refused};
use crate::play::play;

#[test]
fn a_method_is_a_token_with_its_case_and_is_allowed_or_not() {
    play(cases());
}

cases! {
    "HEAD", "9110 9.3.2":
        b"HEAD / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([head(200)]);
    "HEAD of what is not there", "9110 9.3.2":
        b"HEAD /nowhere HTTP/1.1\r\nHost: test\r\n\r\n" => kept([head(404)]);
    "HEAD of what is only posted to", "9110 9.3.2":
        b"HEAD /echo HTTP/1.1\r\nHost: test\r\n\r\n" => kept([head(405)]);
    "PUT", "9110 9.3.4":
        b"PUT /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi" => kept([ok("hi")]);
    "PATCH", "5789 2":
        b"PATCH /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi" => kept([ok("hi")]);
    "DELETE", "9110 9.3.5":
        b"DELETE /deaf HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("gone")]);
    "a method that is not allowed", "9110 15.5.6":
        b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi" => kept([code(405)]);
    // A TRACE would say what a proxy has added; nobody gets to hear that.
    "TRACE", "9110 9.3.8":
        b"TRACE / HTTP/1.1\r\nHost: test\r\nCookie: secret\r\n\r\n" => kept([code(405)]);
    "a method in small letters", "9110 9.1":
        b"get / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "a method of a file in small letters", "9110 9.1":
        b"get /files/no_transport.rs HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "a method nobody knows", "9110 9.1":
        b"BREW / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "a method nobody knows, for nothing", "9110 9.1":
        b"BREW /nowhere HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(404)]);
    "a method nobody knows, with a body", "9110 9.1":
        b"BREW / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi" => kept([code(405)]);
    "a method of every character it can have", "9110 5.6.2":
        b"!#$%&'*+-.^_`|~09aZ / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "a method of a digit", "9110 5.6.2":
        b"0 / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "a method that begins with one that is known", "9110 9.1":
        b"GETX / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "a method of 32 characters", "9110 9.1":
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "a method of 33 characters", "9110 15.6.2":
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(501);
    "a method without an end", "9110 15.6.2":
        [b'A'; 200] => refused(501);
}
