//! Events into the lines of an event stream (WHATWG HTML, section 9.2.5).
//!
//! Everything is appended to one `Vec`, ends with an empty line, and stands alone: blocks may be
//! kept, shared and sent in any order.

use std::io::Write as _;
use std::time::Duration;

use super::{Fault, line_end};

/// What an event says; what is `None` is not mentioned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// What the client tells us when it reconnects; empty resets it.
    pub id: Option<&'a str>,
    /// The name it listens for; without one, or an empty one, that is `message`.
    pub event: Option<&'a str>,
    /// How long it waits before it reconnects, told in whole milliseconds.
    pub retry: Option<Duration>,
    /// The payload, any text.
    ///
    /// Empty data is an event with empty data. Without data there is no event, but an id or a
    /// retry is taken note of nevertheless.
    pub data: Option<&'a str>,
}

/// Appends an event: a line for each field, one for each line of its data, and an empty line.
///
/// LF, CR and CRLF end a line of data, and arrive as LF.
///
/// # Errors
/// [`Fault::Id`] for CR, LF or NUL in the id, [`Fault::Name`] for one in the event's name; nothing
/// is appended.
pub fn encode(out: &mut Vec<u8>, fields: &Fields<'_>) -> Result<(), Fault> {
    put_fields(out, fields.id, fields.event, fields.retry)?;
    if let Some(data) = fields.data {
        put_lines(out, DATA, data.as_bytes());
    }
    out.push(b'\n');
    Ok(())
}

/// Checks whether an event can have this id and this name.
///
/// # Errors
/// Those of [`encode`].
pub fn check_fields(id: Option<&str>, event: Option<&str>) -> Result<(), Fault> {
    if let Some(id) = id.filter(|id| id.contains(['\n', '\r', '\0'])) {
        return Err(Fault::Id { id: id.to_owned() });
    }
    if let Some(name) = event.filter(|name| name.contains(['\n', '\r', '\0'])) {
        return Err(Fault::Name { name: name.to_owned() });
    }
    Ok(())
}

/// Appends a comment, which clients ignore: a line for each line of `text`, and an empty line.
pub fn encode_comment(out: &mut Vec<u8>, text: &str) {
    put_lines(out, b": ", text.as_bytes());
    out.push(b'\n');
}

/// Where an event begins that is being written straight into its outbox.
#[derive(Debug)]
#[must_use = "an event that is begun must be ended or abandoned"]
pub struct Mark {
    /// Where its first line begins.
    start: usize,
    /// Where its data begins, after the name of that field.
    data: usize,
}

const DATA: &[u8] = b"data: ";

/// Begins an event: what is appended until [`end_event`] is its data.
///
/// # Errors
/// Those of [`encode`].
pub fn begin_event(
    out: &mut Vec<u8>,
    id: Option<&str>,
    event: Option<&str>,
    retry: Option<Duration>,
) -> Result<Mark, Fault> {
    let start = out.len();
    put_fields(out, id, event, retry)?;
    out.extend_from_slice(DATA);
    Ok(Mark { start, data: out.len() })
}

/// Ends an event; data that turns out to have several lines is written anew as such.
pub fn end_event(out: &mut Vec<u8>, mark: Mark) {
    if line_end(&out[mark.data..]).is_some() {
        let data = out.split_off(mark.data);
        out.truncate(mark.data - DATA.len());
        put_lines(out, DATA, &data);
        out.push(b'\n');
    } else {
        out.extend_from_slice(b"\n\n");
    }
}

/// Takes an event back that was begun, with all that was written of it.
pub fn abandon_event(out: &mut Vec<u8>, mark: Mark) {
    out.truncate(mark.start);
}

fn put_fields(
    out: &mut Vec<u8>,
    id: Option<&str>,
    event: Option<&str>,
    retry: Option<Duration>,
) -> Result<(), Fault> {
    check_fields(id, event)?;
    if let Some(id) = id {
        put_line(out, b"id: ", id.as_bytes());
    }
    if let Some(event) = event {
        put_line(out, b"event: ", event.as_bytes());
    }
    if let Some(retry) = retry {
        writeln!(out, "retry: {}", retry.as_millis()).expect("a Vec takes what is written");
    }
    Ok(())
}

/// Appends each line of `text` behind `prefix`; an empty text is one empty line.
fn put_lines(out: &mut Vec<u8>, prefix: &[u8], text: &[u8]) {
    let mut rest = text;
    while let Some(end) = line_end(rest) {
        put_line(out, prefix, &rest[..end]);
        let break_bytes = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = &rest[end + break_bytes..];
    }
    put_line(out, prefix, rest);
}

fn put_line(out: &mut Vec<u8>, prefix: &[u8], line: &[u8]) {
    out.reserve(prefix.len() + line.len() + 2);
    out.extend_from_slice(prefix);
    out.extend_from_slice(line);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(fields: &Fields<'_>) -> String {
        let mut out = Vec::new();
        encode(&mut out, fields).expect("the fields are lines");
        String::from_utf8(out).expect("what is encoded is text")
    }

    #[test]
    fn every_field_has_its_line_in_this_order() {
        let all = Fields {
            id: Some("7"),
            event: Some("tick"),
            retry: Some(Duration::from_millis(10)),
            data: Some("line\nline2"),
        };
        assert_eq!(encoded(&all), "id: 7\nevent: tick\nretry: 10\ndata: line\ndata: line2\n\n");
    }

    #[test]
    fn what_is_not_given_is_not_mentioned() {
        let none = Fields::default();
        for (fields, expected) in [
            (Fields { data: Some("a"), ..none }, "data: a\n\n"),
            (Fields { retry: Some(Duration::from_secs(2)), ..none }, "retry: 2000\n\n"),
            (Fields { id: Some(""), ..none }, "id: \n\n"),
        ] {
            assert_eq!(encoded(&fields), expected);
        }
    }

    #[test]
    fn every_line_end_splits_data() {
        for (data, expected) in [
            ("", "data: \n\n"),
            ("a\nb", "data: a\ndata: b\n\n"),
            ("a\rb", "data: a\ndata: b\n\n"),
            ("a\r\nb", "data: a\ndata: b\n\n"),
            ("a\n\rb", "data: a\ndata: \ndata: b\n\n"),
            ("a\n", "data: a\ndata: \n\n"),
            ("\r\r", "data: \ndata: \ndata: \n\n"),
            (" a: b ", "data:  a: b \n\n"),
        ] {
            assert_eq!(encoded(&Fields { data: Some(data), ..Fields::default() }), expected);
        }
    }

    #[test]
    fn ids_and_names_with_line_ends_append_nothing() {
        let data = Some("a");
        let id = |id: &str| Fault::Id { id: id.to_owned() };
        let name = |name: &str| Fault::Name { name: name.to_owned() };
        for (fields, fault) in [
            (Fields { id: Some("a\nb"), data, ..Fields::default() }, id("a\nb")),
            (Fields { id: Some("\r"), data, ..Fields::default() }, id("\r")),
            (Fields { id: Some("\0"), data, ..Fields::default() }, id("\0")),
            (Fields { event: Some("a\ndata: b"), data, ..Fields::default() }, name("a\ndata: b")),
            (Fields { event: Some("a\0"), data, ..Fields::default() }, name("a\0")),
            (Fields { id: Some("1"), event: Some("\r"), ..Fields::default() }, name("\r")),
        ] {
            let mut out = Vec::new();
            assert_eq!(encode(&mut out, &fields), Err(fault));
            assert!(out.is_empty(), "{fields:?}");
            assert!(begin_event(&mut out, fields.id, fields.event, None).is_err());
            assert!(out.is_empty(), "{fields:?}");
        }
    }

    #[test]
    fn a_comment_has_a_line_for_each_of_its_lines() {
        for (text, expected) in [("", ": \n\n"), ("a\r\nb\nc", ": a\n: b\n: c\n\n")] {
            let mut out = Vec::new();
            encode_comment(&mut out, text);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{text:?}");
        }
    }

    #[test]
    fn an_event_written_in_place_is_the_event_encoded_whole() {
        let retry = Some(Duration::from_millis(10));
        for data in ["", "{\"a\":1}", "a\nb\r\n\rc", &"x".repeat(1000)] {
            let fields = Fields { id: Some("7"), event: Some("tick"), retry, data: Some(data) };
            let mut out = Vec::new();
            let mark = begin_event(&mut out, fields.id, fields.event, retry).expect("all is well");
            out.extend_from_slice(data.as_bytes());
            end_event(&mut out, mark);
            assert_eq!(String::from_utf8_lossy(&out), encoded(&fields));
        }
    }

    #[test]
    fn an_event_abandoned_leaves_nothing() {
        let mut out = b"before".to_vec();
        let mark = begin_event(&mut out, Some("7"), None, None).expect("all is well");
        out.extend_from_slice(b"half");
        abandon_event(&mut out, mark);
        assert_eq!(out, b"before");
    }
}
