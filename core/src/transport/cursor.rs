//! What a wire does for cursors: events that wait for theirs, and positions told alone.
//!
//! One message may lead to several events, and only the last of them is to carry the message's
//! cursor: a client that was cut off in between hears the message again, whole. Which event is the
//! last shows when the callback has returned; until then it is left *open*. An open event is a
//! whole one without an id, so what becomes of it in the meantime breaks nothing.

use std::num::NonZeroU32;

use super::body::Body;
use super::{Event, Form, RenderError, Transport, Wire, envelope, sse, websocket};

/// Where in the buffer the event begins that is open.
///
/// Four bytes, as every idle connection has the place for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenEvent {
    start_and_one: NonZeroU32,
}

impl OpenEvent {
    /// `None` beyond 4 GiB: there an event stays without an id.
    fn at(start: usize) -> Option<Self> {
        let start_and_one = u32::try_from(start).ok()?.checked_add(1)?;
        NonZeroU32::new(start_and_one).map(|start_and_one| Self { start_and_one })
    }

    fn start(self) -> usize {
        self.start_and_one.get() as usize - 1
    }
}

impl Wire {
    /// Whether its client learns cursors: with the events, or in the headers of a poll.
    pub fn carries_cursors(&self) -> bool {
        match self.transport {
            Transport::Sse => self.body == Body::Close,
            Transport::Websocket => self.has_envelope(),
            Transport::LongPolling => true,
            Transport::Regular | Transport::Chunked => false,
        }
    }

    /// Tells a cursor without an event, on the wires that carry it with events.
    ///
    /// In an event stream that is an id without data: browsers keep it and dispatch nothing. A
    /// script that keeps its cursor itself would not see it, and is told by an event.
    pub fn tell_cursor(&self, cursor: &str, out: &mut Vec<u8>) {
        match self.form() {
            Some(Form::Sse) if self.tells_positions => sse::put_position(cursor, out),
            Some(Form::Sse) => sse::put_cursor(cursor, out),
            Some(Form::Envelope) => websocket::put_cursor(cursor, out),
            _ => {}
        }
    }

    /// Encodes an event and leaves it open: [`close_event`](Self::close_event) may give it an id.
    ///
    /// One that was open already is closed without an id. On wires whose events have no ids this
    /// is [`render`](Self::render).
    ///
    /// # Errors
    /// [`RenderError::OwnId`] if it has an id and the wire carries ids; else those of `render`.
    /// Nothing is appended.
    pub fn render_open(&mut self, event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let carries_ids = self.carries_cursors() && self.item_form().is_some();
        if !carries_ids {
            return self.render(event, out);
        }
        if event.id.is_some() {
            return Err(RenderError::OwnId);
        }
        let (before, start) = (self.open_event, out.len());
        self.render(event, out)?;
        // A comment that this wire leaves out is not what the id waits for.
        self.open_event = if out.len() == start { before } else { OpenEvent::at(start) };
        Ok(())
    }

    /// Closes the event that is open, if one is, and gives it this id.
    ///
    /// Has it been taken from the buffer already, the id is told alone.
    pub fn close_event(&mut self, id: Option<&str>, out: &mut Vec<u8>) {
        let (Some(open), Some(id)) = (self.open_event.take(), id) else { return };
        let start = open.start();
        let is_given = match self.item_form() {
            Some(Form::Sse) => sse::give_id(id, start, out),
            Some(Form::Envelope) => websocket::give_id(id, start, out),
            Some(Form::Json) => envelope::give_id(id, start, out),
            Some(Form::Chunked | Form::Websocket) | None => return,
        };
        if !is_given {
            self.tell_cursor(id, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::protocol::sse::{Decoder as StreamDecoder, Item};
    use crate::protocol::websocket::{Decoded, Decoder, Event as Said, Role};
    use crate::transport::ENVELOPE;
    use crate::transport::wire::tests::{JSON, poll, socket, stream};

    /// The wires whose events have ids.
    fn wires_with_ids() -> [Wire; 3] {
        [stream(Transport::Sse), socket(ENVELOPE), poll(JSON)]
    }

    /// The wires whose events have none.
    fn wires_without_ids() -> [Wire; 4] {
        [stream(Transport::Chunked), socket("chat"), poll(""), Wire::none()]
    }

    fn render_open(wire: &mut Wire, event: impl Into<Event<'static>>, out: &mut Vec<u8>) {
        wire.render_open(&event.into(), out).expect("it renders");
    }

    /// The objects a client is told, whatever the wire.
    fn heard(wire: &Wire, out: &[u8]) -> Vec<Value> {
        match wire.transport {
            Transport::Sse => heard_in_stream(out),
            Transport::Websocket => heard_in_messages(out),
            _ => serde_json::from_slice(&[b"[", out, b"]"].concat()).expect("an array of objects"),
        }
    }

    fn heard_in_stream(out: &[u8]) -> Vec<Value> {
        let mut decoder = StreamDecoder::new(usize::MAX);
        let items = decoder.feed(out).expect("nothing is too long");
        let events = items.into_iter().filter_map(|item| match item {
            Item::Event(event) if event.id.is_empty() => {
                Some(json!({"event": event.event, "data": event.data}))
            }
            Item::Event(event) => {
                Some(json!({"id": event.id, "event": event.event, "data": event.data}))
            }
            Item::Retry(_) | Item::Comment(_) => None,
        });
        events.collect()
    }

    fn heard_in_messages(out: &[u8]) -> Vec<Value> {
        let mut decoder = Decoder::new(Role::Client, usize::MAX);
        let mut rest = out.to_vec();
        let mut heard = Vec::new();
        while !rest.is_empty() {
            let Decoded { consumed, event } = decoder.decode(&mut rest).expect("frames are whole");
            if let Some(Said::Text(text)) = event {
                heard.push(serde_json::from_str(text).expect("an object"));
            }
            rest.drain(..consumed);
        }
        heard
    }

    #[test]
    fn the_last_event_of_a_message_carries_its_cursor() {
        for mut wire in wires_with_ids() {
            let mut out = Vec::new();
            render_open(&mut wire, "a", &mut out);
            render_open(&mut wire, Event::new("b").named("n"), &mut out);
            wire.close_event(Some("k-1"), &mut out);
            wire.close_event(Some("k-2"), &mut out);
            let expected = [
                json!({"event": "message", "data": "a"}),
                json!({"id": "k-1", "event": "n", "data": "b"}),
            ];
            assert_eq!(heard(&wire, &out), expected, "{wire:?}");
        }
    }

    #[test]
    fn an_id_is_the_last_line_of_its_event() {
        let mut wire = stream(Transport::Sse);
        let mut out = Vec::new();
        render_open(&mut wire, Event::json(&7), &mut out);
        wire.close_event(Some("k-1"), &mut out);
        render_open(&mut wire, Event::comment("so far"), &mut out);
        wire.close_event(Some("k-2"), &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "data: 7\nid: k-1\n\n: so far\nid: k-2\n\n");
    }

    #[test]
    fn a_comment_that_is_left_out_does_not_take_the_cursor() {
        for mut wire in [socket(ENVELOPE), poll(JSON)] {
            let mut out = Vec::new();
            render_open(&mut wire, "a", &mut out);
            render_open(&mut wire, Event::comment("unheard"), &mut out);
            wire.close_event(Some("k-1"), &mut out);
            let expected = [json!({"id": "k-1", "event": "message", "data": "a"})];
            assert_eq!(heard(&wire, &out), expected, "{wire:?}");
        }
    }

    #[test]
    fn an_event_closed_without_an_id_is_the_event() {
        for mut wire in wires_with_ids() {
            let (mut out, mut whole) = (Vec::new(), Vec::new());
            render_open(&mut wire, "a", &mut out);
            wire.close_event(None, &mut out);
            wire.close_event(Some("k-1"), &mut out);
            wire.has_rendered = false;
            wire.render(&"a".into(), &mut whole).expect("it renders");
            assert_eq!(out, whole, "{wire:?}");
        }
    }

    #[test]
    fn what_is_written_behind_an_open_event_closes_it() {
        let then: [fn(&mut Wire, &mut Vec<u8>); 3] = [
            |wire, out| wire.render(&"b".into(), out).expect("it renders"),
            |wire, out| wire.finish(None, out),
            |wire, out| wire.fail((1011, ""), out),
        ];
        for then in then {
            for mut wire in wires_with_ids() {
                let mut out = Vec::new();
                render_open(&mut wire, "a", &mut out);
                then(&mut wire, &mut out);
                let before = out.clone();
                wire.close_event(Some("k-1"), &mut out);
                assert_eq!(out, before, "{wire:?}");
            }
        }
    }

    #[test]
    fn the_cursor_of_an_event_that_is_taken_is_told_alone() {
        for (mut wire, told) in wires_with_ids().into_iter().zip(positions("k-1")) {
            let mut out = Vec::new();
            render_open(&mut wire, "a", &mut out);
            out.clear();
            wire.close_event(Some("k-1"), &mut out);
            assert_eq!(out, told, "{wire:?}");
        }
    }

    /// What each wire with ids tells of a position.
    fn positions(cursor: &str) -> [Vec<u8>; 3] {
        let object = format!("{{\"id\":\"{cursor}\"}}");
        let message = [&[0x81, object.len() as u8], object.as_bytes()].concat();
        [format!("id: {cursor}\n\n").into_bytes(), message, Vec::new()]
    }

    #[test]
    fn positions_are_told_where_events_are_pushed_with_ids() {
        for (wire, told) in wires_with_ids().into_iter().zip(positions("k3v9x2ab-1234")) {
            let mut out = Vec::new();
            wire.tell_cursor("k3v9x2ab-1234", &mut out);
            assert_eq!(out, told, "{wire:?}");
        }
        for wire in wires_without_ids() {
            let mut out = Vec::new();
            wire.tell_cursor("k-1", &mut out);
            assert!(out.is_empty(), "{wire:?}");
        }
    }

    #[test]
    fn a_script_that_keeps_its_cursor_hears_positions_as_events() {
        let wire = Wire { tells_positions: true, ..stream(Transport::Sse) };
        let mut out = Vec::new();
        wire.tell_cursor("k-1", &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "id: k-1\nevent: crampon.position\ndata: \n\n");
    }

    #[test]
    fn a_wire_without_ids_leaves_nothing_open() {
        for mut wire in wires_without_ids() {
            let (mut out, mut whole) = (Vec::new(), Vec::new());
            render_open(&mut wire, Event::new("a").id(7), &mut out);
            wire.close_event(Some("k-1"), &mut out);
            wire.render(&"a".into(), &mut whole).expect("it renders");
            assert_eq!(out, whole, "{wire:?}");
        }
    }

    #[test]
    fn cursors_reach_clients_of_streams_envelopes_and_polls() {
        assert!(wires_with_ids().iter().all(Wire::carries_cursors));
        let others = wires_without_ids().map(|wire| wire.carries_cursors());
        assert_eq!(others, [false, false, true, false], "a poll has it in its headers");
        let unopened = Wire { body: Body::Undecided, ..stream(Transport::Sse) };
        assert!(!unopened.carries_cursors(), "its head is not out");
    }

    #[test]
    fn an_event_that_waits_for_an_id_has_none_of_its_own() {
        for mut wire in wires_with_ids() {
            let mut out = Vec::new();
            render_open(&mut wire, "a", &mut out);
            let before = out.clone();
            let outcome = wire.render_open(&Event::new("b").id(7), &mut out);
            let error = outcome.expect_err("it has an id").to_string();
            assert_eq!(error, RenderError::OwnId.to_string());
            assert_eq!(out, before, "{wire:?}");
        }
    }

    proptest! {
        #[test]
        fn an_event_given_its_id_later_is_the_event_with_that_id(
            before in prop::option::of("(?s).{0,20}"),
            name in prop::option::of("[^\r\n\0]{1,20}"),
            data in "(?s).{0,150}",
            id in "[a-z0-9]{1,13}-[0-9]{1,20}",
        ) {
            let mut event = Event::new(&data);
            event.name = name.as_deref().map(Into::into);
            for (mut later, mut at_once) in wires_with_ids().into_iter().zip(wires_with_ids()) {
                let (mut out, mut whole) = (Vec::new(), Vec::new());
                if let Some(before) = &before {
                    later.render_open(&before.into(), &mut out).expect("it renders");
                    at_once.render(&before.into(), &mut whole).expect("it renders");
                }
                later.render_open(&event, &mut out).expect("it renders");
                later.close_event(Some(&id), &mut out);
                let event = event.clone().id(&*id);
                at_once.render(&event, &mut whole).expect("it renders");
                prop_assert_eq!(heard(&later, &out), heard(&at_once, &whole));
            }
        }
    }
}
