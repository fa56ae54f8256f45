//! An event stream into events, as a browser reads it (WHATWG HTML, section 9.2.6).

use std::mem;
use std::time::Duration;

use super::{Fault, line_end};

/// Something a stream said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An event.
    Event(Event),
    /// How long to wait before reconnecting, from now on.
    Retry(Duration),
    /// A line that browsers ignore; a sign of life.
    Comment(String),
}

/// An event as a browser hands it to a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The last id that the stream named, with this event or an earlier one.
    pub id: String,
    /// The name to listen for, `message` if the stream gave none.
    pub event: String,
    /// The payload, its lines joined by LF.
    pub data: String,
}

/// Decodes an event stream that arrives in pieces cut anywhere.
///
/// What is not UTF-8 is replaced, fields that mean nothing are skipped, and an event that the
/// stream's end cuts off never was: the format has no errors, only our limit.
#[derive(Debug)]
pub struct Decoder {
    event_bytes_max: usize,
    /// The line that the last piece ended in.
    line: Vec<u8>,
    /// The last line ended in CR, so that an LF next ends no other line.
    is_after_cr: bool,
    is_first_line: bool,
    /// The event being read.
    event: String,
    data: String,
    id: String,
    /// The id as the last event that was complete left it.
    last_id: String,
}

/// What an editor may have put in front of a stream.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Decoder {
    /// Makes a decoder for a new stream; longer events than the limit are faults.
    pub fn new(event_bytes_max: usize) -> Self {
        Self {
            event_bytes_max,
            line: Vec::new(),
            is_after_cr: false,
            is_first_line: true,
            event: String::new(),
            data: String::new(),
            id: String::new(),
            last_id: String::new(),
        }
    }

    /// Takes what arrived, and returns what it completed.
    ///
    /// # Errors
    /// [`Fault::EventTooLong`] as soon as an event, or a line, has more bytes than the limit; the
    /// stream must then be given up.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Item>, Fault> {
        let mut items = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            if mem::take(&mut self.is_after_cr) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let Some(end) = line_end(rest) else {
                self.extend_line(rest)?;
                break;
            };
            self.extend_line(&rest[..end])?;
            items.extend(self.end_line());
            self.is_after_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
        }
        Ok(items)
    }

    /// The id to send as `Last-Event-ID` when reconnecting; empty if the stream named none. That
    /// of an event which is not complete does not count: who was cut off is to hear it again.
    pub fn last_event_id(&self) -> &str {
        &self.last_id
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let event_bytes = self.event.len() + self.data.len() + self.line.len() + bytes.len();
        if event_bytes > self.event_bytes_max {
            return Err(Fault::EventTooLong { max: self.event_bytes_max });
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Option<Item> {
        let mut bytes = mem::take(&mut self.line);
        if mem::take(&mut self.is_first_line) && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        let item = self.interpret(&String::from_utf8_lossy(&bytes));
        bytes.clear();
        self.line = bytes;
        item
    }

    fn interpret(&mut self, line: &str) -> Option<Item> {
        if line.is_empty() {
            return self.dispatch();
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "" => return Some(Item::Comment(value.to_owned())),
            "event" => self.event = value.to_owned(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.id = value.to_owned(),
            "retry" => return retry(value).map(Item::Retry),
            _ => {}
        }
        None
    }

    /// Ends an event; one without data is none, but its id counts.
    fn dispatch(&mut self) -> Option<Item> {
        self.last_id.clone_from(&self.id);
        let mut event = mem::take(&mut self.event);
        let mut data = mem::take(&mut self.data);
        data.pop()?;
        if event.is_empty() {
            event.push_str("message");
        }
        Some(Item::Event(Event { id: self.last_id.clone(), event, data }))
    }
}

/// Reads a wait in milliseconds, if there is nothing but digits; too long a wait is the longest.
fn retry(value: &str) -> Option<Duration> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_millis(value.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Fields, encode, encode_comment};
    use super::*;

    const MAX: usize = 1 << 20;

    fn read(pieces: &[&[u8]]) -> Vec<Item> {
        let mut decoder = Decoder::new(MAX);
        pieces.iter().flat_map(|piece| decoder.feed(piece).expect("nothing is long")).collect()
    }

    fn event(id: &str, event: &str, data: &str) -> Item {
        let (id, event, data) = (id.to_owned(), event.to_owned(), data.to_owned());
        Item::Event(Event { id, event, data })
    }

    fn message(data: &str) -> Item {
        event("", "message", data)
    }

    fn comment(text: &str) -> Item {
        Item::Comment(text.to_owned())
    }

    /// Streams and what a browser makes of them, the examples of the standard first.
    fn streams() -> Vec<(&'static [u8], Vec<Item>)> {
        let retry = |milliseconds| Item::Retry(Duration::from_millis(milliseconds));
        vec![
            (b"data: YHOO\ndata: +2\ndata: 10\n\n", vec![message("YHOO\n+2\n10")]),
            (
                b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n\
                  data:  third event\n\ndata: cut off",
                vec![
                    comment("test stream"),
                    event("1", "message", "first event"),
                    message("second event"),
                    message(" third event"),
                ],
            ),
            (b"data\n\ndata\ndata\n\ndata:", vec![message(""), message("\n")]),
            (b"data:test\n\ndata: test\n\n", vec![message("test"), message("test")]),
            (
                b"data: a\r\rdata: b\r\n\r\ndata: c\n\n",
                vec![message("a"), message("b"), message("c")],
            ),
            (b"\xef\xbb\xbfdata: a\n\n", vec![message("a")]),
            (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", vec![]),
            (b"\n\xef\xbb\xbfdata: a\n\n", vec![]),
            (b"data: \xff\xe2\x82\n\n", vec![message("\u{fffd}\u{fffd}")]),
            (b"event: tick\ndata: a\n\ndata: b\n\n", vec![event("", "tick", "a"), message("b")]),
            (b"event: tick\n\ndata: b\n\n", vec![message("b")]),
            (b"id: 7\n\ndata: a\n\n", vec![event("7", "message", "a")]),
            (b"id: 7\nid: 8\0\ndata: a\n\n", vec![event("7", "message", "a")]),
            (b"retry: 10\nretry: 1x\nretry\nretry: -1\n\n", vec![retry(10)]),
            (b"retry: 99999999999999999999\n", vec![retry(u64::MAX)]),
            (b"Data: a\ndatum: a\n data: a\n\n", vec![]),
            (b":\n:a:b\n", vec![comment(""), comment("a:b")]),
        ]
    }

    #[test]
    fn streams_are_read_as_browsers_read_them() {
        for (stream, items) in streams() {
            assert_eq!(read(&[stream]), items, "{}", stream.escape_ascii());
        }
    }

    #[test]
    fn streams_cut_anywhere_are_read_the_same() {
        for (stream, items) in streams() {
            for cut in 0..=stream.len() {
                let (front, back) = stream.split_at(cut);
                assert_eq!(read(&[front, b"", back]), items, "{} at {cut}", stream.escape_ascii());
            }
            let bytes: Vec<&[u8]> = stream.chunks(1).collect();
            assert_eq!(read(&bytes), items, "{} byte by byte", stream.escape_ascii());
        }
    }

    #[test]
    fn the_last_id_outlives_its_event() {
        let mut decoder = Decoder::new(MAX);
        assert_eq!(decoder.last_event_id(), "");
        decoder.feed(b"id: 7\ndata: a\n\ndata: b\n\n").expect("nothing is long");
        assert_eq!(decoder.last_event_id(), "7");
    }

    #[test]
    fn the_id_of_an_event_that_was_cut_off_does_not_count() {
        let mut decoder = Decoder::new(MAX);
        decoder.feed(b"id: 7\ndata: a\n\nid: 8\ndata: b\n").expect("nothing is long");
        assert_eq!(decoder.last_event_id(), "7");
        decoder.feed(b"\n").expect("nothing is long");
        assert_eq!(decoder.last_event_id(), "8");
    }

    #[test]
    fn what_never_ends_is_refused_at_the_limit() {
        for (stream, is_too_long) in [
            ("data: aaa", false),
            ("data: aaaa", true),
            ("data: a\ndata: b\n", false),
            ("data: a\ndata: bb", true),
            ("event: aa\ndata: b", false),
            ("event: aa\ndata: bb", true),
            (": aaaaaaa", false),
            (": aaaaaaaa", true),
        ] {
            let mut decoder = Decoder::new(9);
            let outcome = stream.bytes().try_for_each(|byte| decoder.feed(&[byte]).map(|_| ()));
            let fault = Fault::EventTooLong { max: 9 };
            assert_eq!(outcome.err(), is_too_long.then_some(fault), "{stream:?}");
        }
        let short = "data: a\n\n".repeat(10);
        assert_eq!(Decoder::new(9).feed(short.as_bytes()).map(|items| items.len()), Ok(10));
    }

    /// Text as it arrives: every line end is LF.
    fn arriving(text: &str) -> String {
        text.replace("\r\n", "\n").replace('\r', "\n")
    }

    fn text() -> impl Strategy<Value = String> {
        "[\\PC\r\n\t :\u{feff}]{0,80}"
    }

    fn line() -> impl Strategy<Value = String> {
        "[\\PC\t :\u{feff}]{0,20}"
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_under_any_split(
            id in prop::option::of(line()),
            name in prop::option::of(line()),
            retry in prop::option::of(any::<u64>().prop_map(Duration::from_millis)),
            data in prop::option::of(text()),
            ignored in text(),
            size in 1..50_usize,
        ) {
            let (id, name, data) = (id.as_deref(), name.as_deref(), data.as_deref());
            let mut bytes = Vec::new();
            encode_comment(&mut bytes, &ignored);
            let fields = Fields { id, event: name, retry, data };
            prop_assert_eq!(encode(&mut bytes, &fields), Ok(()));
            let mut items: Vec<Item> = arriving(&ignored).split('\n').map(comment).collect();
            items.extend(retry.map(Item::Retry));
            let name = name.filter(|name| !name.is_empty()).unwrap_or("message");
            items.extend(data.map(|data| event(id.unwrap_or(""), name, &arriving(data))));
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(read(&pieces), items);
        }

        #[test]
        fn arbitrary_bytes_mean_the_same_under_any_split(
            bytes in prop::collection::vec(
                prop_oneof![any::<u8>(), Just(b'\n'), Just(b'\r')], 0..200
            ),
            size in 1..50_usize,
        ) {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(read(&pieces), read(&[&bytes]));
        }
    }
}
