//! The WebSocket transport: a render is one message (RFC 6455).

use super::RenderError;
use crate::action::{Event, Payload};
use crate::protocol::websocket::{MessageKind, begin_message, encode_message, end_message};

/// Appends one text or binary message; a comment and a `retry` have no place here.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    match &event.payload {
        Payload::Text(text) => encode_message(out, MessageKind::Text, text.as_bytes()),
        Payload::Binary(bytes) => encode_message(out, MessageKind::Binary, bytes),
        Payload::Json(value) => {
            let start = out.len();
            let mark = begin_message(out);
            if let Err(error) = value.write(out) {
                out.truncate(start);
                return Err(error.into());
            }
            end_message(out, mark, MessageKind::Text);
        }
        Payload::Comment(_) | Payload::Nothing => {}
    }
    Ok(())
}
