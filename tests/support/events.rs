//! A stream of events from the client's side.

use std::collections::VecDeque;
use std::time::Duration;

use crampon::protocol::sse::{Decoder, Event, Item};

use crate::{Browser, Request};

/// Bytes of the longest event; no test renders one of a mebibyte.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// An open stream of events: an iterator over all that it says, until the server ends it.
pub struct Events {
    browser: Browser,
    decoder: Decoder,
    items: VecDeque<Item>,
    /// The last time to come back after that [`event`](Self::event) came by.
    pub retry: Option<Duration>,
}

impl Events {
    /// Opens a stream on a connection.
    #[track_caller]
    pub fn open(browser: Browser, path: &str) -> Self {
        Self::ask(browser, &Request::get(path))
    }

    /// Opens a stream behind the event of that id.
    #[track_caller]
    pub fn resume(browser: Browser, path: &str, last_event_id: impl ToString) -> Self {
        Self::ask(browser, &Request::get(path).header("last-event-id", &last_event_id.to_string()))
    }

    #[track_caller]
    fn ask(mut browser: Browser, request: &Request) -> Self {
        browser.send(request.clone().header("accept", "text/event-stream").bytes());
        let head = browser.head();
        assert_eq!(head.status(), 200, "{request:?} is for a stream of events");
        assert_eq!(head.header_text("content-type"), Some("text/event-stream; charset=utf-8"));
        let decoder = Decoder::new(EVENT_BYTES_MAX);
        Self { browser, decoder, items: VecDeque::new(), retry: None }
    }

    /// The next event, whatever comments and times to come back after are before it.
    #[track_caller]
    pub fn event(&mut self) -> Event {
        loop {
            match self.next().expect("the stream goes on") {
                Item::Event(event) => return event,
                Item::Retry(delay) => self.retry = Some(delay),
                Item::Comment(_) => {}
            }
        }
    }

    /// The data of the next event.
    #[track_caller]
    pub fn data(&mut self) -> String {
        self.event().data
    }
}

impl Iterator for Events {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        while self.items.is_empty() {
            let bytes = self.browser.take_arrived();
            if bytes.is_empty() && !self.browser.read_more() {
                return None;
            }
            self.items.extend(self.decoder.feed(&bytes).expect("the events are short"));
        }
        self.items.pop_front()
    }
}
