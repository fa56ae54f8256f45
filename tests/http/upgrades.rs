//! `Upgrade` (RFC 9110, section 7.8; RFC 6455, section 4).

use crate::case::{Outcome, Then, closed, code, head, kept, ok, socket};
use crate::play::play;

#[test]
fn a_connection_changes_its_protocol_when_that_is_asked_rightly_and_never_else() {
    play(cases());
}

/// What asks for a WebSocket.
const ASK: &str = "Host: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

cases! {
    "a WebSocket", "6455 4.2":
        format!("GET /chat HTTP/1.1\r\n{ASK}\r\n") => socket([]);
    "a WebSocket among other protocols", "9110 7.8":
        chat(&ASK.replace("Upgrade: websocket", "Upgrade: h2c, WebSocket")) => socket([]);
    "a WebSocket among other options", "9110 7.6.1":
        chat(&ASK.replace("Connection: Upgrade", "Connection: keep-alive, upgrade")) => socket([]);
    "a WebSocket behind a request", "9110 7.8":
        format!("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET /chat HTTP/1.1\r\n{ASK}\r\n")
        => socket([ok("page")]);
    "a WebSocket behind a body", "9110 7.8":
        format!(
            "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello\
             GET /chat HTTP/1.1\r\n{ASK}\r\n"
        ) => socket([ok("hello")]);
    "a WebSocket that says its body has no bytes", "9110 7.8":
        format!("GET /chat HTTP/1.1\r\n{ASK}Content-Length: 0\r\n\r\n") => socket([]);
    // What is sent before the 101 is the request's body, and no frame: it has two readings.
    "a WebSocket with a body", "9110 7.8":
        format!("GET /chat HTTP/1.1\r\n{ASK}Content-Length: 8\r\n\r\n\x01\x02\0\0\0\0hi")
        => kept([code(400)]);
    "a WebSocket with a body in chunks", "9110 7.8":
        format!("GET /chat HTTP/1.1\r\n{ASK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        => kept([code(400)]);
    "a WebSocket with a request for a body", "9110 7.8":
        format!(
            "GET /chat HTTP/1.1\r\n{ASK}Content-Length: 38\r\n\r\n\
             GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"
        ) => kept([code(400)]);
    "a WebSocket with a body where others would do", "9110 7.8":
        format!("GET /either HTTP/1.1\r\n{ASK}Content-Length: 2\r\n\r\nhi") => kept([code(400)]);
    // RFC 9110, 7.8: in HTTP/1.0 it MUST be ignored.
    "a WebSocket in HTTP/1.0 where others will do", "9110 7.8":
        format!("GET /either HTTP/1.0\r\n{ASK}\r\n") => closed([ok("no socket")]);
    "a WebSocket in HTTP/1.0 where no other will do", "9110 7.8":
        format!("GET /chat HTTP/1.0\r\n{ASK}\r\n") => closed([code(400)]);
    "an upgrade that `Connection` does not name", "9110 7.8":
        either(&ASK.replace("Connection: Upgrade", "Connection: keep-alive"))
        => kept([ok("no socket")]);
    "an upgrade without a `Connection`", "9110 7.8":
        either(&ASK.replace("Connection: Upgrade\r\n", "")) => kept([ok("no socket")]);
    "an upgrade without a `Connection` where no other will do", "6455 4.2.1":
        chat(&ASK.replace("Connection: Upgrade\r\n", "")) => kept([code(400)]);
    "an upgrade to HTTP/2", "9113 3.1":
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
        HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n" => kept([ok("page")]);
    "an upgrade to HTTP/2 with a body", "9113 3.1":
        b"POST /echo HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\
        Content-Length: 5\r\n\r\nhello" => kept([ok("hello")]);
    "an upgrade to TLS", "9110 7.8":
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n"
        => kept([ok("page")]);
    "an upgrade to what nobody knows", "9110 7.8":
        b"GET /either HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: magic\r\n\r\n"
        => kept([ok("no socket")]);
    "a WebSocket where there is none", "9110 7.8":
        format!("GET / HTTP/1.1\r\n{ASK}\r\n") => kept([ok("page")]);
    "a WebSocket at nowhere", "9110 7.8":
        format!("GET /nowhere HTTP/1.1\r\n{ASK}\r\n") => kept([code(404)]);
    "no WebSocket where nothing else is", "9110 15.5.22":
        b"GET /chat HTTP/1.1\r\nHost: test\r\n\r\n" => kept([code(426)]);
    "a WebSocket of another version", "6455 4.2.2":
        chat(&ASK.replace("Version: 13", "Version: 8")) => kept([code(426)]);
    "a WebSocket of no version", "6455 4.2.1":
        chat(&ASK.replace("Sec-WebSocket-Version: 13\r\n", "")) => kept([code(400)]);
    "a WebSocket without a key", "6455 4.2.1":
        chat(ASK.split_once("Sec-WebSocket-Key").expect("it has one").0) => kept([code(400)]);
    "a WebSocket with a short key", "6455 4.2.1":
        chat(&ASK.replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=")) => kept([code(400)]);
    "a WebSocket by HEAD", "6455 4.2.1":
        format!("HEAD /chat HTTP/1.1\r\n{ASK}\r\n") => kept([head(400)]);
    "a WebSocket by POST", "6455 4.2.1":
        format!("POST /chat HTTP/1.1\r\n{ASK}Content-Length: 2\r\n\r\nhi") => kept([ok("hi")]);
    "a WebSocket refused, and a request behind it", "9.3":
        format!(
            "GET /chat HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\
             GET /plain HTTP/1.1\r\nHost: test\r\n\r\n"
        ) => kept([code(400), ok("plain")]);
    "a request behind a WebSocket is no frame", "6455 5.1":
        format!("GET /chat HTTP/1.1\r\n{ASK}\r\nGET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n")
        => Outcome { answers: vec![code(101)], then: Then::Spoilt };
}

fn chat(lines: &str) -> String {
    format!("GET /chat HTTP/1.1\r\n{lines}\r\n")
}

fn either(lines: &str) -> String {
    format!("GET /either HTTP/1.1\r\n{lines}\r\n")
}
