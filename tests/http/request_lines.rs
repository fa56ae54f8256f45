//! The first line (section 3) and what may stand before it (section 2.2).

use crate::case::{closed, code, kept, ok, refused};
use crate::play::play;

#[test]
fn a_request_line_is_a_method_a_target_and_a_version_with_one_space_between() {
    play(cases());
}

// Section 3 lets a lenient reader take any blanks for the one space; we do not: others may not.
cases! {
    "a request", "3":
        b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("page")]);
    "nothing but a method", "3":
        b"GET\r\nHost: test\r\n\r\n" => refused(400);
    "a method and a space", "3":
        b"GET \r\nHost: test\r\n\r\n" => refused(400);
    "no version, as in HTTP/0.9", "3":
        b"GET /\r\nHost: test\r\n\r\n" => refused(400);
    "a space where the version should be", "3":
        b"GET / \r\nHost: test\r\n\r\n" => refused(400);
    "two spaces before the target", "3":
        b"GET  / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "two spaces before the version", "3":
        b"GET /  HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a space behind the version", "3":
        b"GET / HTTP/1.1 \r\nHost: test\r\n\r\n" => refused(400);
    "a tab behind the version", "3":
        b"GET / HTTP/1.1\t\r\nHost: test\r\n\r\n" => refused(400);
    "a tab for the first space", "3":
        b"GET\t/ HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a tab for the second space", "3":
        b"GET /\tHTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a vertical tab for a space", "3":
        b"GET\x0b/ HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a form feed for a space", "3":
        b"GET /\x0cHTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a CR for a space", "3":
        b"GET\r/ HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an LF for a space", "3":
        b"GET /\nHTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a space in the target", "3.2":
        b"GET /a b HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a space before the method", "3":
        b" GET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a bare LF behind the line", "2.2":
        b"GET / HTTP/1.1\nHost: test\r\n\r\n" => refused(400);
    "a bare CR behind the line", "2.2":
        b"GET / HTTP/1.1\rHost: test\r\n\r\n" => refused(400);
    "a bare CR in the target", "2.2":
        b"GET /\rx HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "two CR before the LF", "2.2":
        b"GET / HTTP/1.1\r\r\nHost: test\r\n\r\n" => refused(400);
    "a NUL in the target", "3.2":
        b"GET /\0 HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a DEL in the target", "3.2":
        b"GET /\x7f HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a byte past ASCII in the target", "3.2":
        b"GET /\xe9 HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "UTF-8 in the target", "3.2":
        "GET /é HTTP/1.1\r\nHost: test\r\n\r\n".as_bytes() => refused(400);
    "a fragment in the target", "3.2":
        b"GET /#top HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "words before the method", "3":
        b"Extra lineGET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a colon in the method", "9110 5.6.2":
        b"GET: / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a quote in the method", "9110 5.6.2":
        b"G\"T / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a byte past ASCII in the method", "9110 5.6.2":
        b"G\xc9T / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a NUL before the method", "2.2":
        b"\0GET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a byte order mark before the method", "2.2":
        b"\xef\xbb\xbfGET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a TLS handshake", "3":
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" => refused(400);
    // It should pass over one empty line at least; we pass over four.
    "an empty line before it", "2.2":
        b"\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("page")]);
    "four empty lines before it", "2.2":
        b"\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("page")]);
    "five empty lines before it", "2.2":
        b"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an empty line that ends with LF alone", "2.2":
        b"\nGET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an empty line of CR alone", "2.2":
        b"\rGET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a line of a blank before it", "2.2":
        b" \r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an empty line between two requests", "2.2":
        b"GET / HTTP/1.1\r\nHost: test\r\n\r\n\r\nGET /plain HTTP/1.1\r\nHost: test\r\n\r\n"
        => kept([ok("page"), ok("plain")]);
    "a target of 8,192 bytes", "3":
        line_to(8192) => kept([code(404)]);
    "a target of 8,193 bytes", "3":
        line_to(8193) => refused(414);
    "garbage behind a request", "2.2":
        b"GET / HTTP/1.1\r\nHost: test\r\n\r\n\x01\x02\x03" => closed([ok("page"), code(400)]);
}

/// A request for a target of so many bytes.
fn line_to(bytes: usize) -> Vec<u8> {
    format!("GET /{} HTTP/1.1\r\nHost: test\r\n\r\n", "a".repeat(bytes - 1)).into()
}
