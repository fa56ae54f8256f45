//! `Transfer-Encoding` (section 6.1), and the ways to hide one from half of those who read it.
//!
//! Behind each body in chunks, if it is one, stands a request to `/smuggled`.

use crate::case::{closed, code, kept, ok, refused};
use crate::play::play;

#[test]
fn chunked_is_the_only_coding_and_cannot_be_hidden() {
    play(cases());
}

cases! {
    "a body in chunks", "7.1":
        whole("Transfer-Encoding: chunked\r\n") => kept([ok("hello")]);
    "a coding in any case", "7":
        whole("tRANSFER-eNCODING: cHUNKED\r\n") => kept([ok("hello")]);
    "a coding without a blank before it", "5":
        whole("Transfer-Encoding:chunked\r\n") => kept([ok("hello")]);
    "a coding with tabs around it", "5":
        whole("Transfer-Encoding: \tchunked\t\r\n") => kept([ok("hello")]);
    "`Connection` names the coding's header", "9110 7.6.1":
        whole("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n")
        => kept([ok("hello")]);
    // Section 6.1: what is not understood gets 501, if the end of the body can be found.
    "gzip before chunked", "6.1":
        smuggled("Transfer-Encoding: gzip, chunked\r\n") => refused(501);
    "gzip before chunked, in two lines", "6.1":
        smuggled("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n") => refused(501);
    "identity before chunked", "6.1":
        smuggled("Transfer-Encoding: identity, chunked\r\n") => refused(501);
    "identity before chunked, in two lines", "6.1":
        smuggled("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n") => refused(501);
    "a word and chunked", "6.1":
        smuggled("Transfer-Encoding: cow, chunked\r\n") => refused(501);
    // Section 6.3: where chunked is not the last coding a server MUST answer 400 and close.
    "identity", "6.3":
        smuggled("Transfer-Encoding: identity\r\n") => refused(400);
    "gzip", "6.3":
        smuggled("Transfer-Encoding: gzip\r\n") => refused(400);
    "chunked before gzip", "6.3":
        smuggled("Transfer-Encoding: chunked, gzip\r\n") => refused(400);
    "chunked before identity", "6.3":
        smuggled("Transfer-Encoding: chunked, identity\r\n") => refused(400);
    "chunked before identity, in two lines", "6.3":
        smuggled("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") => refused(400);
    "chunked among identities", "6.3":
        smuggled("Transfer-Encoding: identity, chunked, identity\r\n") => refused(400);
    // Section 6.1: chunked MUST NOT be applied twice.
    "chunked twice", "6.1":
        smuggled("Transfer-Encoding: chunked, chunked\r\n") => refused(400);
    "chunked twice, in two lines", "6.1":
        smuggled("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") => refused(400);
    "chunked twice in two cases", "6.1":
        smuggled("Transfer-Encoding: chunked\r\ntransfer-encoding: Chunked\r\n") => refused(400);
    "chunked, gzip and chunked", "6.1":
        smuggled("Transfer-Encoding: chunked, gzip, chunked\r\n") => refused(400);
    // RFC 9110, 5.6.1.2, has empty elements of a list ignored; here not all readers would.
    "a comma behind it", "9110 5.6.1":
        smuggled("Transfer-Encoding: chunked,\r\n") => refused(400);
    "a comma before it", "9110 5.6.1":
        smuggled("Transfer-Encoding: ,chunked\r\n") => refused(400);
    "no coding", "6.1":
        smuggled("Transfer-Encoding:\r\n") => refused(400);
    "no coding, then chunked", "6.1":
        smuggled("Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n") => refused(400);
    "a comma", "6.1":
        smuggled("Transfer-Encoding: ,\r\n") => refused(400);
    "a word with chunked in it", "6.3":
        smuggled("Transfer-Encoding: xchunked\r\n") => refused(400);
    "chunked with a letter more", "6.3":
        smuggled("Transfer-Encoding: chunkedx\r\n") => refused(400);
    "chunkedchunked", "6.3":
        smuggled("Transfer-Encoding: chunkedchunked\r\n") => refused(400);
    "the beginning of chunked", "6.3":
        smuggled("Transfer-Encoding: chunk\r\n") => refused(400);
    "chunked in quotes", "6.3":
        smuggled("Transfer-Encoding: \"chunked\"\r\n") => refused(400);
    "chunked in apostrophes", "6.3":
        smuggled("Transfer-Encoding: 'chunked'\r\n") => refused(400);
    "chunked with a parameter", "7":
        smuggled("Transfer-Encoding: chunked;a=b\r\n") => refused(400);
    "chunked with a semicolon", "7":
        smuggled("Transfer-Encoding: chunked;\r\n") => refused(400);
    "two words", "6.3":
        smuggled("Transfer-Encoding: chunked identity\r\n") => refused(400);
    "a blank inside of chunked", "6.3":
        smuggled("Transfer-Encoding: chun ked\r\n") => refused(400);
    "chunked in brackets", "6.3":
        smuggled("Transfer-Encoding: [chunked]\r\n") => refused(400);
    "a zero-width space before chunked", "6.3":
        smuggled("Transfer-Encoding: \u{200b}chunked\r\n") => refused(400);
    "a no-break space around chunked", "6.3":
        bytes(b"Transfer-Encoding: \xa0chunked\xa0\r\n") => refused(400);
    "a NEL around chunked", "6.3":
        bytes(b"Transfer-Encoding: \x85chunked\x85\r\n") => refused(400);
    "a byte of ones for the blank", "6.3":
        bytes(b"Transfer-Encoding:\xffchunked\r\n") => refused(400);
    "an accent in chunked", "6.3":
        bytes(b"Transfer-Encoding: ch\x96nked\r\n") => refused(400);
    "an accent in the name", "9110 5.6.2":
        bytes(b"Transf\x82r-Encoding: chunked\r\n") => refused(400);
    "a NUL before chunked", "9110 5.5":
        smuggled("Transfer-Encoding: \0chunked\r\n") => refused(400);
    "a NUL behind chunked", "9110 5.5":
        smuggled("Transfer-Encoding: chunked\0\r\n") => refused(400);
    "a vertical tab before chunked", "9110 5.5":
        smuggled("Transfer-Encoding: \x0bchunked\r\n") => refused(400);
    "a vertical tab behind chunked", "9110 5.5":
        smuggled("Transfer-Encoding: chunked\x0b\r\n") => refused(400);
    "a vertical tab for the blank", "9110 5.5":
        smuggled("Transfer-Encoding:\x0bchunked\r\n") => refused(400);
    "a form feed before chunked", "9110 5.5":
        smuggled("Transfer-Encoding: \x0cchunked\r\n") => refused(400);
    "a form feed behind chunked", "9110 5.5":
        smuggled("Transfer-Encoding: chunked\x0c\r\n") => refused(400);
    "a DEL behind chunked", "9110 5.5":
        smuggled("Transfer-Encoding: chunked\x7f\r\n") => refused(400);
    "a bare CR before chunked", "2.2":
        smuggled("Transfer-Encoding: \rchunked\r\n") => refused(400);
    "a bare CR behind chunked", "2.2":
        smuggled("Transfer-Encoding: chunked\r\r\n") => refused(400);
    "a blank before the coding's colon", "5.1":
        smuggled("Transfer-Encoding : chunked\r\n") => refused(400);
    "a tab before the coding's colon", "5.1":
        smuggled("Transfer-Encoding\t: chunked\r\n") => refused(400);
    "a vertical tab before the coding's colon", "5.1":
        smuggled("Transfer-Encoding\x0b: chunked\r\n") => refused(400);
    "a word before the coding's colon", "5.1":
        smuggled("Transfer-Encoding x: chunked\r\n") => refused(400);
    "a blank before the coding's name", "5.2":
        smuggled(" Transfer-Encoding: chunked\r\n") => refused(400);
    "a coding on a folded line", "5.2":
        smuggled("Transfer-Encoding:\r\n chunked\r\n") => refused(400);
    "a coding on a line folded with a tab", "5.2":
        smuggled("Transfer-Encoding:\r\n\tchunked\r\n") => refused(400);
    "a coding behind a bare LF and a blank", "2.2":
        smuggled("Transfer-Encoding:\n chunked\r\n") => refused(400);
    "a coding behind a bare LF and a vertical tab", "2.2":
        smuggled("Transfer-Encoding: \n\x0bchunked\r\n") => refused(400);
    "a coding that folds another header", "5.2":
        smuggled("X: a\r\n Transfer-Encoding: chunked\r\n") => refused(400);
    "a coding behind a bare CR", "2.2":
        smuggled("X: a\rTransfer-Encoding: chunked\r\n") => refused(400);
    "a coding behind a bare LF", "2.2":
        smuggled("X: a\nTransfer-Encoding: chunked\r\n") => refused(400);
    "a coding behind a line's CR LF and a CR", "2.2":
        smuggled("X: a\r\n\rTransfer-Encoding: chunked\r\n") => refused(400);
    "a coding with a CR in its name", "2.2":
        smuggled("Tra\rnsfer-Encoding: chunked\r\n") => refused(400);
    "a coding with its colon on the next line", "2.2":
        smuggled("Transfer-Encoding\n : chunked\r\n") => refused(400);
    "a blank for the coding's hyphen", "9110 5.6.2":
        smuggled("Transfer Encoding: chunked\r\n") => refused(400);
    "a backslash for the coding's hyphen", "9110 5.6.2":
        smuggled("Transfer\\Encoding: chunked\r\n") => refused(400);
    "a coding behind two bare LF", "2.2":
        smuggled("X: y\n\nTransfer-Encoding: chunked\r\n") => refused(400);
    // Names that are not the coding's: the request has no body, and the next one is garbage.
    "an underscore for the coding's hyphen", "9110 5.1":
        whole("Transfer_Encoding: chunked\r\n") => closed([ok(""), code(400)]);
    "a percent-encoded letter in the coding's name", "9110 5.1":
        whole("Transfer-%45ncoding: chunked\r\n") => closed([ok(""), code(400)]);
    "another header's coding", "9110 8.4":
        whole("Content-Encoding: chunked\r\n") => closed([ok(""), code(400)]);
    "`TE`", "9110 10.1.4":
        whole("TE: chunked\r\n") => closed([ok(""), code(400)]);
}

/// A POST with these lines and a body in chunks.
fn whole(lines: &str) -> Vec<u8> {
    crate::case::post(lines, "5\r\nhello\r\n0\r\n\r\n")
}

/// The same, and a request behind it that only a reader of chunks would find.
fn smuggled(lines: &str) -> Vec<u8> {
    bytes(lines.as_bytes())
}

fn bytes(lines: &[u8]) -> Vec<u8> {
    let head = b"POST /echo HTTP/1.1\r\nHost: test\r\n";
    let behind = b"\r\n5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";
    [&head[..], lines, &behind[..]].concat()
}
