//! Origins: which pages may speak to an action, whose scripts may read it, and whom the server
//! believes about the way a request came.

mod foreign;
mod proxied;
mod shared;
mod starting;

use crampon::trial::{Trial, World};

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

/// The lines that ask for a WebSocket.
const UPGRADE: &str = "connection: upgrade\nupgrade: websocket\nsec-websocket-version: 13\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\n";

/// A page of another site.
const ELSEWHERE: &str = "https://elsewhere.example";
