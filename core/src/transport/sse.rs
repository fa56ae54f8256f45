//! The SSE transport: a render is one event (WHATWG HTML, section 9.2).

use super::{Event, Payload, RenderError};
use crate::protocol::http::Header;
use crate::protocol::sse::{self, Fields};

/// Appends one event, or a comment, or a `retry` alone.
pub(super) fn render(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    match &event.id {
        None => render_with_id(event, None, out),
        Some(id) => id.spelled(|id| render_with_id(event, Some(id), out)),
    }
}

fn render_with_id(
    event: &Event<'_>,
    id: Option<&str>,
    out: &mut Vec<u8>,
) -> Result<(), RenderError> {
    let data = match &event.payload {
        Payload::Text(text) => Some(&**text),
        Payload::Nothing => None,
        Payload::Comment(text) => {
            sse::encode_comment(out, text);
            return Ok(());
        }
        Payload::Binary(_) => return Err(RenderError::BinaryOnSse),
        Payload::Json(value) => {
            let mark = sse::begin_event(out, id, event.name.as_deref(), event.retry)?;
            if let Err(error) = value.write(out) {
                sse::abandon_event(out, mark);
                return Err(error.into());
            }
            sse::end_event(out, mark);
            return Ok(());
        }
    };
    sse::encode(out, &Fields { id, event: event.name.as_deref(), retry: event.retry, data })?;
    Ok(())
}

/// Appends a position: an id without data, which makes no event.
pub(super) fn put_cursor(cursor: &str, out: &mut Vec<u8>) {
    sse::encode(out, &Fields { id: Some(cursor), ..Fields::default() })
        .expect("a cursor is letters, digits and a dash");
}

/// Appends a position as an event without a text, for those who listen to its name.
pub(super) fn put_position(cursor: &str, out: &mut Vec<u8>) {
    let fields = Fields { id: Some(cursor), event: Some(POSITION), data: Some(""), retry: None };
    sse::encode(out, &fields).expect("a cursor is letters, digits and a dash");
}

/// The name of an event that only tells how far its listener has heard.
const POSITION: &str = "crampon.position";

/// Gives an id to the event that begins at `start` and ends `out`; false if none does.
pub(super) fn give_id(id: &str, start: usize, out: &mut Vec<u8>) -> bool {
    if !out.get(start..).is_some_and(|event| event.ends_with(b"\n\n")) {
        return false;
    }
    out.pop();
    put_cursor(id, out);
    true
}

/// What every event stream says of itself.
///
/// `no-store` because a replayed stream would be a lie; `X-Accel-Buffering` because nginx holds a
/// response back without it.
pub(super) const HEADERS: &[Header<'static>] = &[
    Header::of("content-type", "text/event-stream; charset=utf-8"),
    Header::of("cache-control", "no-store"),
    Header::of("x-accel-buffering", "no"),
];

/// The name of the event that says why a stream is closed.
pub(super) const CLOSE: &str = "crampon.close";

/// What keeps a silent stream from being cut off by a proxy: a comment, which no listener hears.
pub(super) const KEEP_ALIVE: &[u8] = b":\n\n";
