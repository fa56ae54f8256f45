//! Paths and their percent-encoding (RFC 3986, sections 2 and 6.2.2), and what a file is found by.

use crate::case::{code, kept, ok, refused};
use crate::play::play;

#[test]
fn paths_that_are_the_same_to_the_standard_are_the_same_to_routes_and_files() {
    play(cases());
}

cases! {
    "a letter that need not be encoded", "3986 6.2.2.2":
        path("/pl%61in") => kept([ok("plain")]);
    "letters in capitals of hexadecimal", "3986 6.2.2.1":
        path("/%70%6C%61%69%6e") => kept([ok("plain")]);
    "an encoded blank", "3986 2.1":
        path("/named/rust%20club") => kept([ok("rust club")]);
    "encoded UTF-8", "3986 2.5":
        path("/named/gr%C3%BC%C3%9Fe") => kept([ok("grüße")]);
    "a plus is a plus", "3986 2.2":
        path("/named/a+b") => kept([ok("a+b")]);
    "a path is decoded once", "3986 2.4":
        path("/named/%2541") => kept([ok("%41")]);
    "an encoded percent sign", "3986 2.4":
        path("/named/100%25") => kept([ok("100%")]);
    // An encoded slash is a character of its segment, and never ends it.
    "an encoded slash in a parameter", "3986 2.2":
        path("/named/a%2Fb") => kept([ok("a/b")]);
    "an encoded slash in small letters", "3986 2.2":
        path("/named/a%2fb") => kept([ok("a/b")]);
    "an encoded slash in the rest", "3986 2.2":
        path("/tree/a%2fb/c") => kept([ok("a/b/c")]);
    "an encoded slash for the first", "3986 2.2":
        path("/%2Fplain") => kept([code(404)]);
    "an encoded slash for one between segments", "3986 2.2":
        path("/named%2Fa") => kept([code(404)]);
    "an encoded question mark", "3986 2.2":
        path("/named/a%3Fb") => kept([ok("a?b")]);
    "an encoded brace", "3986 2.2":
        path("/named/%7Bname%7D") => kept([ok("{name}")]);
    "the pattern of a route", "3986 2.2":
        path("/named/{name}") => kept([ok("{name}")]);
    "encoded CR and LF", "3986 2.1":
        path("/named/a%0D%0Ab") => kept([ok("a\r\nb")]);
    "an encoded NUL", "3986 2.1":
        path("/named/a%00b") => kept([ok("a\0b")]);
    "encoded bytes that are no UTF-8", "3986 2.5":
        path("/named/%FF") => kept([ok("\u{fffd}")]);
    // RFC 3986, 2.1: a percent sign and two digits, or it is no URI.
    "half an escape", "3986 2.1":
        path("/named/a%4") => refused(400);
    "a percent sign alone", "3986 2.1":
        path("/named/100%") => refused(400);
    "an escape of other letters", "3986 2.1":
        path("/named/%zz") => refused(400);
    "an escape with a sign", "3986 2.1":
        path("/named/%+1") => refused(400);
    "an escape within an escape", "3986 2.1":
        path("/named/%%34%31") => refused(400);
    "an escape of sixteen bits", "3986 2.1":
        path("/named/%u0041") => refused(400);
    // Browsers send these in queries as they are; forms have always been read leniently.
    "a percent sign in a query", "3986 2.1":
        path("/plain?100%") => kept([ok("plain")]);
    "no parameter", "3986 3.3":
        path("/named/") => kept([code(404)]);
    "two slashes", "3986 3.3":
        path("//plain") => kept([code(404)]);
    "a slash at the end", "3986 3.3":
        path("/plain/") => kept([code(404)]);
    "a parameter of a segment", "3986 3.3":
        path("/plain;a=b") => kept([code(404)]);
    // Clients remove these (RFC 3986, 5.2.4); to us they are names, and nothing has them.
    "a dot segment", "3986 6.2.2.3":
        path("/./plain") => kept([code(404)]);
    "two dots", "3986 6.2.2.3":
        path("/named/../plain") => kept([code(404)]);
    "two encoded dots", "3986 6.2.2.3":
        path("/named/%2e%2e/plain") => kept([code(404)]);
    "a file", "3986 3.3":
        path("/files/no_transport.rs") => kept([code(200)]);
    "a file with an encoded letter", "3986 6.2.2.2":
        path("/files/no_tr%61nsport.rs") => kept([code(200)]);
    "a file below an encoded letter", "3986 6.2.2.2":
        path("/f%69les/no_transport.rs") => kept([code(200)]);
    "a file above its folder", "9110 17.3":
        path("/files/../Cargo.toml") => kept([code(404)]);
    "a file above its folder, encoded", "9110 17.3":
        path("/files/%2e%2e/Cargo.toml") => kept([code(404)]);
    "a file above its folder by an encoded slash", "9110 17.3":
        path("/files/..%2fCargo.toml") => kept([code(404)]);
    "a file above its folder by backslashes", "9110 17.3":
        path("/files/..\\Cargo.toml") => kept([code(404)]);
    "a file by an encoded slash", "9110 17.3":
        path("/files/pass%2fchannels.rs") => kept([code(404)]);
    "a file with NUL in its name", "9110 17.3":
        path("/files/no_transport.rs%00.html") => kept([code(404)]);
    "a file with a slash too many", "9110 17.3":
        path("/files//no_transport.rs") => kept([code(404)]);
    "a file in a path decoded twice", "9110 17.3":
        path("/files/%252e%252e/Cargo.toml") => kept([code(404)]);
    "a file by an encoded slash behind its prefix", "9110 17.3":
        path("/files%2fno_transport.rs") => kept([code(404)]);
    "a route in front of a file", "3986 6.2.2.2":
        path("/files/no_callbacks.rs") => kept([ok("guarded")]);
    "a route in front of a file, spelled in another way", "3986 6.2.2.2":
        path("/files/no_c%61llbacks.rs") => kept([ok("guarded")]);
    "a route in front of a file, spelled in a third way", "3986 6.2.2.2":
        path("/%66iles/no_callbacks%2Ers") => kept([ok("guarded")]);
}

fn path(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}
