//! The same action on five wires: pure encoders, one file each.
//!
//! A transport decides what a head, a render, a keep-alive and an ending look like in bytes. It
//! knows no socket and no clock; what it writes, it appends to the buffer it is given.

mod answer;
mod body;
mod choice;
mod chunked;
mod cursor;
mod deflating;
mod envelope;
mod event;
mod form;
mod long_polling;
mod ready_head;
mod regular;
mod sheet;
mod sse;
mod subprotocol;
mod websocket;
mod wire;

pub(crate) use answer::Answer;
pub(crate) use choice::{Choice, accepts, accepts_json, choose};
pub(crate) use envelope::ENVELOPE;
pub(crate) use event::Payload;
pub use event::{Event, Id};
pub(crate) use form::Form;
pub(crate) use ready_head::ReadyHeads;
pub(crate) use sheet::Sheet;
pub(crate) use subprotocol::Subprotocol;
pub(crate) use wire::Wire;

use std::fmt;

/// The wire an action speaks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One answer, as HTTP has always had them.
    Regular,
    /// A response that arrives chunk by chunk (RFC 9112, section 7.1).
    Chunked,
    /// Server-Sent Events (WHATWG HTML, section 9.2).
    Sse,
    /// A request that waits until there is something to say.
    LongPolling,
    /// A WebSocket (RFC 6455).
    Websocket,
}

impl Transport {
    /// Its name in `#[action(transport = ..)]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Chunked => "chunked",
            Self::Sse => "sse",
            Self::LongPolling => "long_polling",
            Self::Websocket => "websocket",
        }
    }

    /// Whether the head goes out before the first render, so that the client knows it is served.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Self::Chunked | Self::Sse | Self::Websocket)
    }

    /// Whether a request behind it may wait for long.
    pub(crate) fn holds_pipeline(self) -> bool {
        matches!(self, Self::Chunked | Self::Sse | Self::LongPolling)
    }

    /// Whether a client that leaves is noticed at once, and its action ended: all but a regular
    /// request, which is complete and will be answered.
    pub(crate) fn ends_with_client(self) -> bool {
        self != Self::Regular
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why something could not be rendered or published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// Bytes for an event stream.
    #[error("an event stream carries text only; send bytes as text, or over a WebSocket")]
    BinaryOnSse,
    /// Bytes for a wire that speaks JSON.
    #[error("an event in JSON carries text only; send bytes as text, or over a bare WebSocket")]
    BinaryAsJson,
    /// A name or an id that an event cannot have.
    #[error(transparent)]
    Event(#[from] crate::protocol::sse::Fault),
    /// A value that is no JSON: a map whose keys are not text.
    #[error("the event cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A comment or a retry time, published.
    #[error("a comment or a retry time alone is nothing to publish; publish text, bytes or JSON")]
    SaysNothing,
    /// An id of its own where the id is the channel's cursor.
    #[error("the id of an event is here the cursor of its channel; drop the `.id(..)`")]
    OwnId,
    /// No number as the id of an event on a numbered channel.
    #[error("the id of an event on a numbered channel is a number; `{id}` is none")]
    NotNumbered {
        /// The id it had, empty if none.
        id: String,
    },
    /// An event longer than a server takes.
    #[error("the event has {bytes} bytes; at most {bytes_max} can be published")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit: [`event_bytes_max`](crate::Limits::event_bytes_max).
        bytes_max: usize,
    },
}
