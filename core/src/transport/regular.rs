//! The regular transport: renders are the bytes of one body.

use super::{Event, Payload, RenderError};

/// Appends what the event says; a name, an id and a retry time have no place here.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    match &event.payload {
        Payload::Text(text) => out.extend_from_slice(text.as_bytes()),
        Payload::Binary(bytes) => out.extend_from_slice(bytes),
        Payload::Json(value) => {
            let start = out.len();
            if let Err(error) = value.write(out) {
                out.truncate(start);
                return Err(error.into());
            }
        }
        Payload::Comment(_) | Payload::Nothing => {}
    }
    Ok(())
}
