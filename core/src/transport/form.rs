//! The forms events are encoded in, and which of them a wire takes.

use super::body::Body;
use super::{Event, RenderError, Subprotocol, Transport, Wire, chunked, envelope, sse, websocket};

/// An encoding that many connections can share, because it is the same for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Chunked,
    Sse,
    /// Bare data on a WebSocket.
    Websocket,
    /// A message of [`Subprotocol::ENVELOPE`] on a WebSocket.
    Envelope,
    /// The JSON object alone, as an item of a batch poll.
    Json,
}

impl Form {
    /// How many forms there are.
    pub const COUNT: usize = 5;
}

impl Wire {
    /// The form this wire takes shared encodings in, once its head is out.
    pub fn form(&self) -> Option<Form> {
        match (self.transport, self.body) {
            (Transport::Sse, Body::Close) => Some(Form::Sse),
            (Transport::Websocket, _) if self.has_envelope() => Some(Form::Envelope),
            (Transport::Websocket, _) => Some(Form::Websocket),
            (Transport::Chunked, Body::Chunked) => Some(Form::Chunked),
            _ => None,
        }
    }

    /// Whether it is a WebSocket on which [`Subprotocol::ENVELOPE`] was agreed.
    pub(super) fn has_envelope(&self) -> bool {
        self.transport == Transport::Websocket && self.subprotocol == Some(Subprotocol::ENVELOPE)
    }

    /// The form its events are in, whether or not it takes shared encodings as they are.
    pub(super) fn item_form(&self) -> Option<Form> {
        if self.is_batch { Some(Form::Json) } else { self.form() }
    }

    /// Encodes an event in a form all connections of that form share.
    pub fn render_shared(form: Form, event: &Event<'_>) -> Result<Vec<u8>, RenderError> {
        let mut out = Vec::new();
        match form {
            Form::Chunked => chunked::render(event, &mut out)?,
            Form::Sse => sse::render(event, &mut out)?,
            Form::Websocket => websocket::render(event, &mut out)?,
            Form::Envelope => websocket::render_envelope(event, &mut out)?,
            Form::Json => envelope::encode(event, &mut out)?,
        }
        Ok(out)
    }
}
