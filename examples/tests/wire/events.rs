//! A client of event streams.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crampon::protocol::http::{BodyLength, Method, ResponseHead};
use crampon::protocol::sse::{Decoder, Item};

use super::BYTES_MAX;
use super::http::Http;

/// An event stream, open.
pub struct Events {
    pub head: ResponseHead,
    http: Http,
    decoder: Decoder,
    items: VecDeque<Item>,
}

impl Events {
    /// Opens a stream.
    pub fn open(to: SocketAddr, target: &str) -> Self {
        Self::resume(to, target, None)
    }

    /// Opens a stream where an earlier one has ended.
    pub fn resume(to: SocketAddr, target: &str, last_event_id: Option<&str>) -> Self {
        let mut http = Http::connect(to);
        let mut headers = vec![("accept", "text/event-stream")];
        headers.extend(last_event_id.map(|id| ("last-event-id", id)));
        http.send_head(&Method::GET, target, &headers, BodyLength::None);
        let head = http.answer_head();
        assert_eq!(head.status().as_u16(), 200, "{target} is an event stream");
        let mut events =
            Self { head, http, decoder: Decoder::new(BYTES_MAX), items: VecDeque::new() };
        events.take_input();
        events
    }

    /// What the stream says next; `None` when it has ended.
    pub fn next(&mut self) -> Option<Item> {
        while self.items.is_empty() {
            if !self.http.read_more() {
                return None;
            }
            self.take_input();
        }
        self.items.pop_front()
    }

    /// The next event: its id, its name, its data.
    pub fn event(&mut self) -> (String, String, String) {
        loop {
            match self.next().expect("the stream goes on") {
                Item::Event(event) => return (event.id, event.event, event.data),
                Item::Retry(_) | Item::Comment(_) => {}
            }
        }
    }

    /// The data of the next event.
    pub fn data(&mut self) -> String {
        self.event().2
    }

    fn take_input(&mut self) {
        let items = self.decoder.feed(&self.http.input).expect("events are short");
        self.http.input.clear();
        self.items.extend(items);
    }
}
