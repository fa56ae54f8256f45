//! What a connection's first bytes make of it, and how they are answered.

/// What a connection is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Has not said what it is.
    New,
    /// Its messages come back.
    Echo,
    /// Its requests are answered.
    Request,
    /// Hears what is published, as messages.
    SocketFeed,
    /// Hears it compressed.
    PackedFeed,
    /// Hears it as events.
    StreamFeed,
    /// What it says is published.
    Publisher,
    /// Is told each second of its own.
    SocketClock,
    /// The same as events.
    StreamClock,
}

/// How many roles there are.
pub const ROLES: usize = Role::StreamClock as usize + 1;

/// The role of a connection that begins with `head`, and what it is told before it speaks.
pub fn open(head: &[u8]) -> (Role, &'static [u8]) {
    let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    match path {
        b"/echo" => (Role::Echo, SWITCHING),
        b"/deflate" => (Role::Echo, SWITCHING_PACKED),
        b"/subscribe" => (Role::SocketFeed, SWITCHING),
        b"/subscribe-deflate" => (Role::PackedFeed, SWITCHING_PACKED),
        b"/events" => (Role::StreamFeed, STREAM),
        b"/publish" => (Role::Publisher, SWITCHING),
        b"/tick" => (Role::SocketClock, SWITCHING),
        b"/ticks" => (Role::StreamClock, STREAM),
        _ => (Role::Request, b""),
    }
}

/// Takes the key of RFC 6455, section 1.3, for granted, which is the one the load brings.
const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

const SWITCHING_PACKED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; \
    server_no_context_takeover\r\n\r\n";

const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n";
