//! `Host` (section 3.2; RFC 9110, section 7.2).

use crate::case::{closed, kept, ok, refused};
use crate::play::play;

#[test]
fn a_request_has_one_host_that_is_a_name_or_an_address() {
    play(cases());
}

cases! {
    "a host", "3.2":
        host("Host: test.example\r\n") => kept([ok("test.example")]);
    "a host with a port", "9110 7.2":
        host("Host: test.example:8080\r\n") => kept([ok("test.example:8080")]);
    "a host with an empty port", "9110 7.2":
        host("Host: test:\r\n") => kept([ok("test:")]);
    "a host that is an address", "9110 7.2":
        host("Host: 127.0.0.1:80\r\n") => kept([ok("127.0.0.1:80")]);
    "a host that is an IPv6 address", "9110 7.2":
        host("Host: [2001:db8::1]:80\r\n") => kept([ok("[2001:db8::1]:80")]);
    "a host with an underscore", "9110 7.2":
        host("Host: my_service\r\n") => kept([ok("my_service")]);
    // RFC 9110, 7.2: who has no authority for a target sends an empty one.
    "an empty host", "9110 7.2":
        host("Host:\r\n") => kept([ok("nobody")]);
    // Section 3.2: a 400 MUST answer these.
    "no host", "3.2":
        host("") => refused(400);
    "no host but a length", "3.2":
        host("Content-Length: 5\r\n") => refused(400);
    "two hosts", "3.2":
        host("Host: a\r\nHost: b\r\n") => refused(400);
    "the same host twice", "3.2":
        host("Host: a\r\nHost: a\r\n") => refused(400);
    "a host and an empty one", "3.2":
        host("Host: a\r\nHost:\r\n") => refused(400);
    "a host with a user", "3.2":
        host("Host: me@test\r\n") => refused(400);
    "a host with a path", "3.2":
        host("Host: test/path\r\n") => refused(400);
    "a host with a scheme", "3.2":
        host("Host: http://test\r\n") => refused(400);
    "a host with a blank", "3.2":
        host("Host: a b\r\n") => refused(400);
    "two hosts in one line", "3.2":
        host("Host: a, b\r\n") => refused(400);
    "a host with a query", "3.2":
        host("Host: a?b\r\n") => refused(400);
    "a host with a fragment", "3.2":
        host("Host: a#b\r\n") => refused(400);
    "a host with a backslash", "3.2":
        host("Host: a\\b\r\n") => refused(400);
    "a host in quotes", "3.2":
        host("Host: \"a\"\r\n") => refused(400);
    "a host past ASCII", "3.2":
        host("Host: \u{fc}ber\r\n") => refused(400);
    "a host with a port of letters", "3.2":
        host("Host: a:b\r\n") => refused(400);
    "a host with two ports", "3.2":
        host("Host: a:80:80\r\n") => refused(400);
    "a host with a port below nothing", "3.2":
        host("Host: a:-80\r\n") => refused(400);
    "an IPv6 address without brackets", "3.2":
        host("Host: ::1\r\n") => refused(400);
    "an IPv6 address without its last bracket", "3.2":
        host("Host: [::1\r\n") => refused(400);
    "a blank before the host's colon", "5.1":
        host("Host : test\r\n") => refused(400);
    "a host that says what another header is", "2.2":
        host("Host: a\rX: b\r\n") => refused(400);
    "an HTTP/1.0 request with a host", "9110 7.2":
        b"GET /host HTTP/1.0\r\nHost: test\r\n\r\n" => closed([ok("test")]);
    "an HTTP/1.0 request without a host", "3.2":
        b"GET /host HTTP/1.0\r\n\r\n" => closed([ok("nobody")]);
    // Section 3.2 asks for a 400 to these of any version.
    "an HTTP/1.0 request with two hosts", "3.2":
        b"GET /host HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n" => refused(400);
    "an HTTP/1.0 request with a bad host", "3.2":
        b"GET /host HTTP/1.0\r\nHost: a b\r\n\r\n" => refused(400);
}

fn host(lines: &str) -> String {
    format!("GET /host HTTP/1.1\r\n{lines}\r\n")
}
