//! Header lines: their names, their values, the blanks around them, their number (section 5).

use crate::case::{get, kept, ok, refused};
use crate::play::play;

#[test]
fn a_header_line_is_a_token_a_colon_and_visible_text() {
    play(cases());
}

cases! {
    "a name in any case", "9110 5.1":
        b"GET / HTTP/1.1\r\nhOsT: test\r\n\r\n" => kept([ok("page")]);
    "no blank behind the colon", "5":
        b"GET / HTTP/1.1\r\nHost:test\r\n\r\n" => kept([ok("page")]);
    "a tab behind the colon, and an empty value", "5":
        b"GET / HTTP/1.1\r\nhoSt:\texample.com\r\nempty:\r\n\r\n" => kept([ok("page")]);
    "blanks around a value", "5":
        get("X: \t a \t \r\n") => kept([ok("page")]);
    "a value of blanks", "5":
        get("X:   \r\n") => kept([ok("page")]);
    "blanks and tabs inside of a value", "9110 5.5":
        get("X: a\tb  c\r\n") => kept([ok("page")]);
    "bytes past ASCII in a value", "9110 5.5":
        b"GET / HTTP/1.1\r\nHost: test\r\nX: \xe9\xff\r\n\r\n" => kept([ok("page")]);
    "every character a name can have", "9110 5.6.2":
        get("!#$%&'*+-.^_`|~09azAZ: a\r\n") => kept([ok("page")]);
    "an unknown header twice", "9110 5.3":
        get("X: a\r\nX: b\r\n") => kept([ok("page")]);
    // Section 5.1: no blank between name and colon, MUST be refused.
    "a blank before the colon", "5.1":
        get("X : a\r\n") => refused(400);
    "a tab before the colon", "5.1":
        get("X\t: a\r\n") => refused(400);
    "a blank in a name", "5.1":
        get("X Y: a\r\n") => refused(400);
    "an empty name", "5":
        get(": a\r\n") => refused(400);
    "a line without a colon", "5":
        get("X\r\n") => refused(400);
    "a line of a colon", "5":
        get(":\r\n") => refused(400);
    "brackets in a name", "9110 5.6.2":
        get("X-Invalid[]: test\r\n") => refused(400);
    "a quoted name", "9110 5.6.2":
        get("\"X\": a\r\n") => refused(400);
    "a slash in a name", "9110 5.6.2":
        get("X/Y: a\r\n") => refused(400);
    "a byte past ASCII in a name", "9110 5.6.2":
        b"GET / HTTP/1.1\r\nHost: test\r\nX\xef: a\r\n\r\n" => refused(400);
    "a byte past ASCII in the first name", "9110 5.6.2":
        b"GET / HTTP/1.1\r\n\xefHost: test\r\n\r\n" => refused(400);
    "a NUL in a name", "9110 5.6.2":
        get("X\0Y: a\r\n") => refused(400);
    "a control byte in a name", "9110 5.6.2":
        get("X\x01: a\r\n") => refused(400);
    // Section 5.2: a folded line MUST be refused, or be unfolded; unfolding is a second reading.
    "a folded line", "5.2":
        get("X: a\r\n b\r\n") => refused(400);
    "a line folded with a tab", "5.2":
        get("X: a\r\n\tb\r\n") => refused(400);
    "a folded line of nothing", "5.2":
        get("X: a\r\n \r\n") => refused(400);
    "a folded host", "5.2":
        b"GET / HTTP/1.1\r\nHost:\r\n test\r\n\r\n" => refused(400);
    // Section 2.2: blanks between the first line and the first header MUST be refused or skipped.
    "a blank before the first header", "2.2":
        b"GET / HTTP/1.1\r\n Host: test\r\n\r\n" => refused(400);
    "a tab before the first header", "2.2":
        b"GET / HTTP/1.1\r\n\tHost: test\r\n\r\n" => refused(400);
    "a line of a blank before the first header", "2.2":
        b"GET / HTTP/1.1\r\n \r\nHost: test\r\n\r\n" => refused(400);
    "a bare LF behind a header", "2.2":
        get("X: a\nY: b\r\n") => refused(400);
    "a bare LF behind the last header", "2.2":
        b"GET / HTTP/1.1\r\nHost: test\n\r\n" => refused(400);
    "a bare LF for the empty line", "2.2":
        b"GET / HTTP/1.1\r\nHost: test\r\n\n" => refused(400);
    "bare LF everywhere", "2.2":
        b"GET / HTTP/1.1\nHost: test\n\n" => refused(400);
    "a bare CR in a value", "2.2":
        get("X: a\rb\r\n") => refused(400);
    "a bare CR for the end of a line", "2.2":
        get("X: a\rY: b\r\n") => refused(400);
    "a bare CR in a name", "2.2":
        get("X\rY: b\r\n") => refused(400);
    "a bare CR before a name", "2.2":
        get("\rX: b\r\n") => refused(400);
    "a bare CR behind the empty line's", "2.2":
        b"GET / HTTP/1.1\r\nHost: test\r\n\rSome-Header: Test\r\n\r\n" => refused(400);
    "a NUL in a value", "9110 5.5":
        get("X: a\0b\r\n") => refused(400);
    "a NUL and a CR in a value", "9110 5.5":
        get("X: v\0\ralue\r\n") => refused(400);
    // Other controls MAY pass in a value; nobody needs them, and logs are the poorer for them.
    "a bell in a value", "9110 5.5":
        get("X: test\x07\r\n") => refused(400);
    "a DEL in a value", "9110 5.5":
        get("X: a\x7f\r\n") => refused(400);
    "an escape in a value", "9110 5.5":
        get("X: \x1b[2J\r\n") => refused(400);
    "a hundred headers", "9110 5.4":
        b"GET / HTTP/1.1\r\n".iter().copied()
            .chain("X: a\r\n".repeat(99).bytes())
            .chain(*b"Host: test\r\n\r\n")
            .collect::<Vec<u8>>() => kept([ok("page")]);
    "a hundred and one headers", "9110 5.4":
        get(&"X: a\r\n".repeat(100)) => refused(431);
    "a head of 65,536 bytes", "9110 5.4":
        head_of(65_536) => kept([ok("page")]);
    "a head of 65,537 bytes", "9110 5.4":
        head_of(65_537) => refused(431);
}

/// A request whose head has so many bytes.
fn head_of(bytes: usize) -> Vec<u8> {
    let rest = get("X: \r\n").len();
    get(&format!("X: {}\r\n", "a".repeat(bytes - rest)))
}
