//! What a viewer hears.

use std::time::Duration;

/// One thing a viewer heard, as its transport carried it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// An event of an event stream.
    Event {
        /// Its name; `message` when it has none.
        name: String,
        /// The last id the stream has named; empty before the first.
        id: String,
        /// What it says.
        data: String,
    },
    /// The server asks for the body it was promised: `100 Continue`.
    Continue,
    /// A comment of an event stream: a keep-alive.
    Comment(String),
    /// How long an event stream's viewer is to wait before it reconnects.
    Retry(Duration),
    /// A text message of a WebSocket.
    Text(String),
    /// A binary message of a WebSocket.
    Binary(Vec<u8>),
    /// A ping of a WebSocket; it has been answered, unless the viewer ignores pings.
    Ping,
    /// A pong of a WebSocket.
    Pong(Vec<u8>),
    /// A close frame of a WebSocket; it has been answered.
    Close {
        /// The code, if there was one.
        code: Option<u16>,
        /// The reason; often empty.
        reason: String,
    },
    /// One chunk of a chunked body.
    Chunk(Vec<u8>),
    /// A whole body of known length.
    Body(Vec<u8>),
    /// The answer ended in good order.
    End,
    /// The connection ended in the middle of the answer.
    Cut,
}

impl Heard {
    /// What an action rendered, if that is what it is.
    pub fn rendered(&self) -> Option<String> {
        match self {
            Self::Event { data, .. } => Some(data.clone()),
            Self::Text(text) => Some(text.clone()),
            Self::Binary(bytes) | Self::Chunk(bytes) | Self::Body(bytes) => {
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
            _ => None,
        }
    }

    /// Whether it only keeps the connection alive.
    pub fn is_keep_alive(&self) -> bool {
        matches!(self, Self::Comment(_) | Self::Ping | Self::Pong(_))
    }
}
