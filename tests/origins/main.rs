//! Origins: which pages may speak to an action, whose scripts may read it, and whom the server
//! believes about the way a request came.

mod foreign;
mod proxied;
mod shared;
mod starting;

use crampon::trial::{Trial, World};
use crampon_tests::Log;

/// Asks in these very words, of which the lines may be told by `\n`.
fn asked(world: &World, head: &str) -> Trial {
    asked_with(world, head, "")
}

/// Asks, with a body.
fn asked_with(world: &World, head: &str, body: &str) -> Trial {
    let asked = world.connect();
    let length = match body {
        "" => String::new(),
        body => format!("content-length: {}\r\n", body.len()),
    };
    let head = head.trim_end().replace('\n', "\r\n");
    asked.send_bytes(format!("{head}\r\n{length}\r\n{body}").as_bytes());
    asked
}

/// The line with this mark in what is logged while something is done.
///
/// It is done again if there is none: where another test's thread, that nobody listens to, comes by
/// the same line of code in this very moment, `tracing` may take it for one nobody wants to hear.
fn logged(mark: &str, done: impl Fn()) -> String {
    let log = Log::default();
    for _ in 0..TRIES_MAX {
        let _subscriber = log.install();
        done();
        if let Some(line) = log.text().lines().find(|line| line.contains(mark)) {
            return line.to_owned();
        }
    }
    panic!("`{mark}` is not logged: {}", log.text());
}

/// How often something is done that is to be logged.
const TRIES_MAX: usize = 50;

/// The lines that ask for a WebSocket.
const UPGRADE: &str = "connection: upgrade\nupgrade: websocket\nsec-websocket-version: 13\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\n";

/// A page of another site.
const ELSEWHERE: &str = "https://elsewhere.example";
