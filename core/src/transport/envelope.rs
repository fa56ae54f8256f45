//! An event as a JSON object, `{"id":..,"event":..,"data":..}`: what `crampon.event.v1` frames on
//! a WebSocket, and what the items of a batch poll are (RFC 8259).
//!
//! It says what `EventSource` would tell a listener: `data` is always text, JSON inside it too. A
//! retry time has no place here.

use std::io;

use super::{Event, Payload, RenderError};
use crate::protocol::sse::check_fields;

/// The subprotocol that carries ids and names over a WebSocket.
pub(crate) const ENVELOPE: &str = "crampon.event.v1";

/// Appends the object; nothing for a comment or a retry time.
///
/// # Errors
/// [`RenderError::BinaryAsJson`], an id or a name that no event can have, a value that cannot be
/// JSON; nothing is appended.
pub(super) fn encode(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    match &event.id {
        None => encode_with_id(event, None, out),
        Some(id) => id.spelled(|id| encode_with_id(event, Some(id), out)),
    }
}

fn encode_with_id(
    event: &Event<'_>,
    id: Option<&str>,
    out: &mut Vec<u8>,
) -> Result<(), RenderError> {
    match &event.payload {
        Payload::Binary(_) => return Err(RenderError::BinaryAsJson),
        Payload::Comment(_) | Payload::Nothing => return Ok(()),
        Payload::Text(_) | Payload::Json(_) => check_fields(id, event.name.as_deref())?,
    }
    let start = out.len();
    out.push(b'{');
    if let Some(id) = id {
        out.extend_from_slice(b"\"id\":");
        put_text(out, id);
        out.push(b',');
    }
    out.extend_from_slice(b"\"event\":");
    put_text(out, event.name.as_deref().filter(|name| !name.is_empty()).unwrap_or("message"));
    out.extend_from_slice(b",\"data\":\"");
    match &event.payload {
        Payload::Json(value) => {
            if let Err(error) = value.write(&mut Escaped(out)) {
                out.truncate(start);
                return Err(error.into());
            }
        }
        Payload::Text(text) => escape(out, text.as_bytes()),
        Payload::Binary(_) | Payload::Comment(_) | Payload::Nothing => {}
    }
    out.extend_from_slice(b"\"}");
    Ok(())
}

/// Appends a position: an object that says its id alone.
pub(super) fn put_cursor(cursor: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":");
    put_text(out, cursor);
    out.push(b'}');
}

/// Gives an id to the object that begins at or behind `start` and ends `out`; false if none does.
pub(super) fn give_id(id: &str, start: usize, out: &mut Vec<u8>) -> bool {
    if !out.get(start..).is_some_and(|object| object.ends_with(b"}")) {
        return false;
    }
    out.pop();
    out.extend_from_slice(b",\"id\":");
    put_text(out, id);
    out.push(b'}');
    true
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text.as_bytes());
    out.push(b'"');
}

/// Appends what a JSON string holds for this text, which may be a piece cut even inside a
/// character: what is escaped is ASCII (RFC 8259, section 7).
fn escape(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(is_escaped) {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            mark @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', mark]),
            control => {
                let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(control >> 4), digit(control & 0xf)]);
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

fn is_escaped(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Escapes what passes through it, so that JSON becomes text inside JSON without a copy between.
struct Escaped<'a>(&'a mut Vec<u8>);

impl io::Write for Escaped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        escape(self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn encoded(event: &Event<'_>) -> String {
        let mut out = Vec::new();
        encode(event, &mut out).expect("it is text");
        String::from_utf8(out).expect("what is encoded is text")
    }

    #[test]
    fn an_event_is_an_object_of_texts_in_this_order() {
        for (event, expected) in [
            (Event::new("hi"), r#"{"event":"message","data":"hi"}"#),
            (Event::new("").named(""), r#"{"event":"message","data":""}"#),
            (
                Event::new("a \"b\"\\\r\n\t\0").named("tick").id("k3v9x2ab-7"),
                r#"{"id":"k3v9x2ab-7","event":"tick","data":"a \"b\"\\\r\n\t\u0000"}"#,
            ),
            (
                Event::json(&["é", "\n"]).id(7),
                r#"{"id":"7","event":"message","data":"[\"é\",\"\\n\"]"}"#,
            ),
            (Event::comment("unheard"), ""),
            (Event::retry_after(Duration::from_secs(1)), ""),
        ] {
            assert_eq!(encoded(&event), expected, "{event:?}");
        }
    }

    #[test]
    fn what_cannot_be_text_appends_nothing() {
        let no_key = BTreeMap::from([((1, 2), 3)]);
        for (event, error) in [
            (
                Event::binary(&b"\xff"[..]),
                "an event in JSON carries text only; send bytes as text, or over a bare WebSocket",
            ),
            (Event::new("a").id("\n"), "event id `\\n` has a line break or NUL; an id is one line"),
            (Event::json(&no_key), "the event cannot be written as JSON: key must be a string"),
        ] {
            let mut out = b"before".to_vec();
            let outcome = encode(&event, &mut out).map_err(|error| error.to_string());
            assert_eq!(outcome, Err(error.to_owned()));
            assert_eq!(out, b"before", "{event:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            id in prop::option::of("[^\r\n\0]{0,20}"),
            name in prop::option::of("[^\r\n\0]{1,20}"),
            data in "(?s).{0,80}",
        ) {
            let mut event = Event::new(&data);
            event.id = id.as_deref().map(Into::into);
            event.name = name.as_deref().map(Into::into);
            let name = name.as_deref().unwrap_or("message");
            let mut expected = json!({"event": name, "data": data});
            if let Some(id) = &id {
                expected["id"] = json!(id);
            }
            let read: Value = serde_json::from_str(&encoded(&event)).expect("it is JSON");
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn json_is_carried_as_the_text_it_is(
            value in prop::collection::btree_map("(?s).{0,9}", prop::option::of("(?s).{0,9}"), 0..9)
        ) {
            let read: Value = serde_json::from_str(&encoded(&Event::json(&value))).expect("JSON");
            let text = serde_json::to_string(&value).expect("its keys are texts");
            prop_assert_eq!(&read["data"], &json!(text));
        }
    }
}
