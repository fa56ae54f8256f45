//! `Content-Length` (section 6.2; RFC 9110, section 8.6).

use crate::case::{kept, ok, post, refused, waits};
use crate::play::play;

#[test]
fn a_length_is_digits_and_is_said_once() {
    play(cases());
}

cases! {
    "a body of five bytes", "6.2":
        post("Content-Length: 5\r\n", "hello") => kept([ok("hello")]);
    "a body of no bytes", "6.2":
        post("Content-Length: 0\r\n", "") => kept([ok("")]);
    "no length, and so no body", "6.3":
        post("", "") => kept([ok("")]);
    "zeros before the length", "9110 8.6":
        post("Content-Length: 005\r\n", "hello") => kept([ok("hello")]);
    "blanks around the length", "5":
        post("Content-Length: \t 5 \t\r\n", "hello") => kept([ok("hello")]);
    "a length of the longest body", "6.2":
        post("Content-Length: 256\r\n", &LONG[..256]) => kept([ok(&LONG[..256])]);
    "a length one past the longest body", "9110 15.5.14":
        post("Content-Length: 257\r\n", &LONG[..257]) => refused(413);
    "a length of the largest number there is", "9110 15.5.14":
        post("Content-Length: 18446744073709551615\r\n", "") => refused(413);
    "a length past the largest number", "6.3":
        post("Content-Length: 18446744073709551616\r\n", "") => refused(400);
    "a length that would be 5 if numbers wrapped", "6.3":
        post("Content-Length: 18446744073709551621\r\n", "hello") => refused(400);
    "a length of thirty nines", "6.3":
        post("Content-Length: 999999999999999999999999999999\r\n", "") => refused(400);
    "a length with a plus", "9110 8.6":
        post("Content-Length: +5\r\n", "hello") => refused(400);
    "a length with a minus", "9110 8.6":
        post("Content-Length: -5\r\n", "hello") => refused(400);
    "a length far below nothing", "9110 8.6":
        post("Content-Length: -123456789123456789123456789\r\n", "") => refused(400);
    "minus nothing", "9110 8.6":
        post("Content-Length: -0\r\n", "") => refused(400);
    "a length in hexadecimal", "9110 8.6":
        post("Content-Length: 0x5\r\n", "hello") => refused(400);
    "a length in letters", "9110 8.6":
        post("Content-Length: abc\r\n", "hello") => refused(400);
    "a length with an underscore", "9110 8.6":
        post("Content-Length: 1_0\r\n", "helloworld") => refused(400);
    "a length with a point", "9110 8.6":
        post("Content-Length: 5.0\r\n", "hello") => refused(400);
    "a length with an exponent", "9110 8.6":
        post("Content-Length: 5e0\r\n", "hello") => refused(400);
    "a length with a blank inside", "9110 8.6":
        post("Content-Length: 1 0\r\n", "helloworld") => refused(400);
    "a length in quotes", "9110 8.6":
        post("Content-Length: \"5\"\r\n", "hello") => refused(400);
    "a length with a word behind it", "9110 8.6":
        post("Content-Length: 5 bytes\r\n", "hello") => refused(400);
    "an empty length", "9110 8.6":
        post("Content-Length:\r\n", "") => refused(400);
    "a length of Arabic digits", "9110 8.6":
        post("Content-Length: \u{665}\r\n", "hello") => refused(400);
    // Section 6.3 MAY take equal lengths for one; a reader before us may take the other view.
    "the same length twice", "6.3":
        post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello") => refused(400);
    "the same length twice in one line", "6.3":
        post("Content-Length: 5, 5\r\n", "hello") => refused(400);
    "two lengths", "6.3":
        post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello") => refused(400);
    "two lengths in one line", "6.3":
        post("Content-Length: 5, 6\r\n", "hello") => refused(400);
    "a length and an empty one", "6.3":
        post("Content-Length: 5\r\nContent-Length:\r\n", "hello") => refused(400);
    "a length and a comma", "6.3":
        post("Content-Length: 5,\r\n", "hello") => refused(400);
    "a length with a blank before its colon", "5.1":
        post("Content-Length : 5\r\n", "hello") => refused(400);
    "a length on a folded line", "5.2":
        post("Content-Length:\r\n 5\r\n", "hello") => refused(400);
    "a body that is not all there", "6.3":
        post("Content-Length: 5\r\n", "hell") => waits([]);
    "a GET with a body", "9110 9.3.1":
        b"GET / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello" => kept([ok("page")]);
    "a body for an action that takes none", "9110 9.3.3":
        b"POST /deaf HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello"
        => kept([ok("deaf")]);
}

/// 260 letters.
const LONG: &str = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\
    abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\
    abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\
    abcdefghijklmnopqrstuvwxyz";
