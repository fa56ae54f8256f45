//! Targets in forms other than a path (section 3.2).

use crate::case::{closed, code, kept, ok, refused};
use crate::play::play;

#[test]
fn a_target_has_the_form_that_goes_with_its_method() {
    play(cases());
}

cases! {
    "an absolute target", "3.2.2":
        b"GET http://test/plain HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("plain")]);
    "an absolute target of another scheme's name", "3.2.2":
        b"GET https://test/plain HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("plain")]);
    "a scheme in capitals", "9110 4.2.3":
        b"GET HTTP://test/plain HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("plain")]);
    "an absolute target without a path", "9110 4.2.3":
        b"GET http://test HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("page")]);
    "an absolute target of host and query", "9110 4.2.3":
        b"GET http://test?/plain HTTP/1.1\r\nHost: test\r\n\r\n" => kept([ok("page")]);
    "an absolute target in HTTP/1.0", "3.2.2":
        b"GET http://test/plain HTTP/1.0\r\n\r\n" => closed([ok("plain")]);
    // Section 3.2.2: the target's host wins, and `Host` MUST be ignored.
    "an absolute target and another host", "3.2.2":
        b"GET http://right/host HTTP/1.1\r\nHost: wrong\r\n\r\n" => kept([ok("right")]);
    "an absolute target with a port and another host", "3.2.2":
        b"GET http://right:81/host HTTP/1.1\r\nHost: wrong\r\n\r\n" => kept([ok("right:81")]);
    "an absolute target and an empty host", "3.2.2":
        b"GET http://right/host HTTP/1.1\r\nHost:\r\n\r\n" => kept([ok("right")]);
    "an absolute target and no host", "3.2":
        b"GET http://right/host HTTP/1.1\r\n\r\n" => refused(400);
    "an absolute target and two hosts", "3.2":
        b"GET http://right/host HTTP/1.1\r\nHost: right\r\nHost: right\r\n\r\n" => refused(400);
    "an absolute target and a bad host", "3.2":
        b"GET http://right/host HTTP/1.1\r\nHost: a b\r\n\r\n" => refused(400);
    "an absolute target of an IPv6 address", "3.2.2":
        b"GET http://[::1]:80/host HTTP/1.1\r\nHost: wrong\r\n\r\n" => kept([ok("[::1]:80")]);
    // RFC 9110, 4.2.1: an http address without a host MUST be refused.
    "an absolute target without a host", "9110 4.2.1":
        b"GET http:///plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an absolute target of a port alone", "9110 4.2.1":
        b"GET http://:80/plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    // RFC 9110, 4.2.4: names of users in an address SHOULD be taken for an attack.
    "an absolute target with a user", "9110 4.2.4":
        b"GET http://me@test/plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an absolute target with a password", "9110 4.2.4":
        b"GET http://me:secret@test/plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an absolute target with a bad port", "3.2":
        b"GET http://test:8x/plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an absolute target with a fragment", "3.2":
        b"GET http://test/plain#top HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "an absolute target of one slash", "3.2":
        b"GET http:/test/plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a backslash before the path", "3.2":
        b"GET http://test\\plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a scheme that is not HTTP's", "3.2":
        b"GET ftp://test/plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a script for a target", "3.2":
        b"GET javascript:alert(1) HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a path without its slash", "3.2":
        b"GET plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a query for a target", "3.2":
        b"GET ?a=b HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a mark for a target", "3.2":
        b"GET ! HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a relative path", "3.2":
        b"GET ../plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    // Section 3.2.3: only CONNECT has this form, and we are nobody's tunnel.
    "a GET of an authority", "3.2.3":
        b"GET test:80 HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a tunnel", "3.2.3":
        b"CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n\r\n" => refused(501);
    "a tunnel to a path", "3.2.3":
        b"CONNECT /plain HTTP/1.1\r\nHost: test\r\n\r\n" => refused(501);
    "a tunnel and what would go through it", "9110 9.3.6":
        b"CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n\r\n\
        GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        => refused(501);
    "OPTIONS of the whole server", "3.2.4":
        b"OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(204)]);
    "OPTIONS of a path", "9110 9.3.7":
        b"OPTIONS /plain HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(405)]);
    "GET of the whole server", "3.2.4":
        b"GET * HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "OPTIONS of two asterisks", "3.2.4":
        b"OPTIONS ** HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "OPTIONS of an asterisk and a query", "3.2.4":
        b"OPTIONS *?a HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
}
