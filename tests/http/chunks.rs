//! Chunks: sizes, extensions, data, ends (section 7.1). Behind a body that is refused stands a
//! request that must not be found.

use crate::case::{chunked, kept, ok, refused, waits};
use crate::play::play;

#[test]
fn a_chunk_is_hexadecimal_digits_data_and_two_ends_of_a_line() {
    play(cases());
}

/// Behind a body.
const HIDDEN: &str = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

cases! {
    "no chunk but the last", "7.1":
        chunked("0\r\n\r\n") => kept([ok("")]);
    "two chunks", "7.1":
        chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n") => kept([ok("hello world")]);
    "sizes in both cases", "7.1":
        chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n")
        => kept([ok("01234567890123456789")]);
    "zeros before a size", "7.1":
        chunked("0000000000000005\r\nhello\r\n000\r\n\r\n") => kept([ok("hello")]);
    "data that look like chunks", "7.1":
        chunked("7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n") => kept([ok("\r\n0\r\n\r\n")]);
    "a body one byte past what is taken", "9110 15.5.14":
        chunked(&format!("80\r\n{}\r\n81\r\n{}\r\n0\r\n\r\n", "a".repeat(128), "a".repeat(129)))
        => refused(413);
    "a size past what is taken, before its data", "9110 15.5.14":
        chunked("ffffffffffffffff\r\n") => refused(413);
    // Section 7.1 asks for care with large sizes: sixteen digits are all that fit.
    "a size of seventeen digits", "7.1":
        hidden("10000000000000005\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size of seventeen zeros and a five", "7.1":
        hidden("000000000000000005\r\nhello\r\n0\r\n\r\n") => refused(400);
    "an empty size", "7.1":
        hidden("\r\nhello\r\n0\r\n\r\n") => refused(400);
    "nothing but ends of lines", "7.1":
        hidden("\r\n\r\n") => refused(400);
    "a size with a plus", "7.1":
        hidden("+5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size with a minus", "7.1":
        hidden("-5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size with 0x", "7.1":
        hidden("0x5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size with an underscore", "7.1":
        hidden("0_5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size with a point", "7.1":
        hidden("5.0\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size that is no number", "7.1":
        hidden("hello\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size in quotes", "7.1":
        hidden("\"5\"\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size with an h", "7.1":
        hidden("5h\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a blank before a size", "7.1":
        hidden(" 5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a tab before a size", "7.1":
        hidden("\t5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a blank behind a size", "7.1":
        hidden("5 \r\nhello\r\n0\r\n\r\n") => refused(400);
    "a tab behind a size", "7.1":
        hidden("5\t\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a blank behind the last size", "7.1":
        hidden("5\r\nhello\r\n0 \r\n\r\n") => refused(400);
    "a blank in a size", "7.1":
        hidden("0 5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a comma in a size", "7.1":
        hidden("5,5\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a NUL in a size", "7.1":
        hidden("5\0\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a vertical tab behind a size", "7.1":
        hidden("5\x0b\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a size of digits past ASCII", "7.1":
        hidden("\u{ff15}\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a bare LF behind a size", "7.1":
        hidden("5\nhello\r\n0\r\n\r\n") => refused(400);
    "a bare CR behind a size", "7.1":
        hidden("5\rhello\r\n0\r\n\r\n") => refused(400);
    "two CR behind a size", "7.1":
        hidden("5\r\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a bare LF behind data", "7.1":
        hidden("5\r\nhello\n0\r\n\r\n") => refused(400);
    "a bare CR behind data", "7.1":
        hidden("5\r\nhello\r0\r\n\r\n") => refused(400);
    "nothing behind data", "7.1":
        hidden("5\r\nhello0\r\n\r\n") => refused(400);
    "two letters for the end of data", "7.1":
        hidden("5\r\nhelloXX0\r\n\r\n") => refused(400);
    "an end of data that begins well", "7.1":
        hidden("5\r\nhello\rX0\r\n\r\n") => refused(400);
    "an empty line between chunks", "7.1":
        hidden("5\r\nhello\r\n\r\n0\r\n\r\n") => refused(400);
    "more data than announced", "7.1":
        hidden("5\r\nhello!\r\n0\r\n\r\n") => refused(400);
    "less data than announced", "7.1":
        hidden("6\r\nhello\r\n0\r\n\r\n") => refused(400);
    "the last chunk with a bare LF", "7.1":
        hidden("5\r\nhello\r\n0\n\r\n") => refused(400);
    "the end with a bare LF", "7.1":
        hidden("5\r\nhello\r\n0\r\n\n") => refused(400);
    "the end with a bare CR", "7.1":
        hidden("5\r\nhello\r\n0\r\n\rX") => refused(400);
    "no end", "7.1":
        chunked("5\r\nhello\r\n0\r\n") => waits([]);
    "no last chunk", "7.1":
        chunked("5\r\nhello\r\n") => waits([]);
    // Section 7.1.1: extensions MUST be ignored; how many of them is ours to say.
    "an extension", "7.1.1":
        chunked("5;a\r\nhello\r\n0;b\r\n\r\n") => kept([ok("hello")]);
    "an extension with a value", "7.1.1":
        chunked("5;a=b;c=d\r\nhello\r\n0\r\n\r\n") => kept([ok("hello")]);
    "an extension with a value in quotes", "7.1.1":
        chunked("5;a=\"b;c \\\" 0\"\r\nhello\r\n0\r\n\r\n") => kept([ok("hello")]);
    "blanks around an extension", "7.1.1":
        chunked("5 ; a = b\r\nhello\r\n0 \t;\tc\r\n\r\n") => kept([ok("hello")]);
    "an extension that looks like a size", "7.1.1":
        chunked("5;0\r\nhello\r\n0;5\r\n\r\n") => kept([ok("hello")]);
    "a word behind a size without a semicolon", "7.1.1":
        hidden("5 a=b\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a bare LF in an extension", "7.1.1":
        hidden("5;\nxx\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a bare LF in a quoted extension", "7.1.1":
        hidden("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n") => refused(400);
    "an end of a line in a quoted extension", "7.1.1":
        hidden("5;a=\"\r\nhello\"\r\n0\r\n\r\n") => refused(400);
    "a bare CR in an extension", "7.1.1":
        hidden("5;a\rb\r\nhello\r\n0\r\n\r\n") => refused(400);
    "two CR behind an extension", "7.1.1":
        hidden("5;a\r\r\nhello\r\n0\r\n\r\n") => refused(400);
    "a bare LF behind an extension", "7.1.1":
        hidden("5;a\nhello\r\n0\r\n\r\n") => refused(400);
    "a NUL in an extension", "7.1.1":
        hidden("5;a\0b\r\nhello\r\n0\r\n\r\n") => refused(400);
    "extensions of 4,096 bytes", "7.1.1":
        chunked(&format!("5;{}\r\nhello\r\n0\r\n\r\n", "a".repeat(4095))) => kept([ok("hello")]);
    "extensions of 4,097 bytes", "7.1.1":
        hidden(&format!("5;{}\r\nhello\r\n0\r\n\r\n", "a".repeat(4096))) => refused(400);
    "extensions of 4,096 bytes in sixteen chunks", "7.1.1":
        chunked(&format!("{}0\r\n\r\n", extended(16))) => kept([ok("xxxxxxxxxxxxxxxx")]);
    "extensions of 4,097 bytes in seventeen chunks", "7.1.1":
        hidden(&format!("{}0;\r\n\r\n", extended(16))) => refused(400);
    "a bodiless request in chunks", "6.3":
        b"GET / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        => kept([ok("page")]);
    "chunks nobody takes", "6.3":
        b"POST /deaf HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\nhello\r\n0\r\n\r\n" => kept([ok("deaf")]);
    "a form in chunks", "6.3":
        b"POST /form HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\n\
        Transfer-Encoding: chunked\r\n\r\n5\r\nname=\r\n3\r\nAda\r\n0\r\n\r\n" => kept([ok("Ada")]);
}

/// Chunks with extensions of 256 bytes.
fn extended(count: usize) -> String {
    format!("1;{}\r\nx\r\n", "a".repeat(255)).repeat(count)
}

fn hidden(chunks: &str) -> Vec<u8> {
    chunked(&format!("{chunks}{HIDDEN}"))
}
