//! The WebSocket transport: a render is one message (RFC 6455).

use super::{Event, Payload, RenderError, envelope};
use crate::protocol::websocket::{
    abandon_message, begin_message, encode_binary, encode_text, end_message, resume_message,
};

/// Appends one text or binary message; a comment and a `retry` have no place here.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    match &event.payload {
        Payload::Text(text) => encode_text(out, text),
        Payload::Binary(bytes) => encode_binary(out, bytes),
        Payload::Json(value) => {
            let mark = begin_message(out);
            if let Err(error) = value.write(out) {
                abandon_message(out, mark);
                return Err(error.into());
            }
            end_message(out, mark, true);
        }
        Payload::Comment(_) | Payload::Nothing => {}
    }
    Ok(())
}

/// Appends one text message of [`ENVELOPE`](super::ENVELOPE), which carries an id and a name too.
pub(super) fn render_envelope(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    if event.payload.says_nothing() {
        return Ok(());
    }
    let mark = begin_message(out);
    if let Err(error) = envelope::encode(event, out) {
        abandon_message(out, mark);
        return Err(error);
    }
    end_message(out, mark, true);
    Ok(())
}

/// Appends a position as a message of its own.
pub(super) fn put_cursor(cursor: &str, out: &mut Vec<u8>) {
    let mark = begin_message(out);
    envelope::put_cursor(cursor, out);
    end_message(out, mark, true);
}

/// Gives an id to the envelope that begins at `start` and ends `out`; false if none does.
pub(super) fn give_id(id: &str, start: usize, out: &mut Vec<u8>) -> bool {
    let Some(mark) = resume_message(out, start) else { return false };
    let is_given = envelope::give_id(id, start, out);
    end_message(out, mark, true);
    is_given
}
