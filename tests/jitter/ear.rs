//! An ear: what a client makes of the bytes it is sent, in each of the ways to ask for events.

use crampon::protocol::http::{BodyDecoder, HeadLimits, Method, ResponseHead, ResponseHeads};
use crampon::protocol::sse;
use crampon::protocol::websocket::{self, Role};
use crampon_tests::Request;
use serde::Deserialize;

use super::NEWS_PATH;

/// A way to ask for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Events,
    Socket,
    Poll,
}

pub const WAYS: [Way; 3] = [Way::Events, Way::Socket, Way::Poll];

impl Way {
    /// The request of one who stands at `cursor`; empty if it has heard nothing yet.
    pub fn opening(self, cursor: &str) -> Vec<u8> {
        let request = match self {
            Self::Events => Request::get(NEWS_PATH).header("accept", "text/event-stream"),
            Self::Poll => Request::get(NEWS_PATH).header("accept", "application/json"),
            // A page cannot set a header of a WebSocket.
            Self::Socket => {
                let target = match cursor {
                    "" => NEWS_PATH.to_owned(),
                    cursor => format!("{NEWS_PATH}?last-event-id={cursor}"),
                };
                return Request::upgrade(&target, &["crampon.event.v1"]).bytes();
            }
        };
        match cursor {
            "" => request.bytes(),
            cursor => request.header("last-event-id", cursor).bytes(),
        }
    }
}

/// Something a client has heard.
#[derive(Debug)]
pub enum Heard {
    Event {
        name: String,
        data: String,
    },
    /// All of an answer: a poll asks again.
    Answer,
}

/// What listens to one connection.
pub struct Ear {
    pub way: Way,
    /// Where its client stands; empty as long as it has heard nothing.
    pub cursor: String,
    /// What has arrived and is not understood yet.
    input: Vec<u8>,
    stage: Stage,
}

enum Stage {
    Head(ResponseHeads),
    Stream(BodyDecoder, sse::Decoder),
    Frames(websocket::Decoder),
    Batch(Batch),
}

/// The answer to a poll.
struct Batch {
    decoder: BodyDecoder,
    json: Vec<u8>,
    stands_at: Option<String>,
}

/// An event, or only where the client stands, as JSON.
#[derive(Deserialize)]
struct Envelope {
    id: Option<String>,
    event: Option<String>,
    data: Option<String>,
}

impl Ear {
    pub fn new(way: Way, cursor: String) -> Self {
        Self { way, cursor, input: Vec::new(), stage: Stage::Head(ResponseHeads::new()) }
    }

    /// Takes what arrived, and tells what it completed.
    pub fn hear(&mut self, bytes: &[u8], tell: &mut impl FnMut(Heard)) -> Result<(), String> {
        self.input.extend_from_slice(bytes);
        let mut input = std::mem::take(&mut self.input);
        let mut at = 0;
        loop {
            match self.step(&mut input[at..], tell)? {
                0 => break,
                consumed => at += consumed,
            }
        }
        input.drain(..at);
        self.input = input;
        Ok(())
    }

    /// Understands one thing, and says how many bytes it took.
    fn step(&mut self, input: &mut [u8], tell: &mut impl FnMut(Heard)) -> Result<usize, String> {
        match &mut self.stage {
            Stage::Head(heads) => {
                let decoded = heads.decode(input, &HeadLimits::default()).map_err(said)?;
                let Some((head, consumed)) = decoded else { return Ok(0) };
                self.open(&head, tell)?;
                Ok(consumed)
            }
            Stage::Stream(body, events) => {
                let part = body.decode(input).map_err(said)?;
                for item in events.feed(part.data).map_err(said)? {
                    if let sse::Item::Event(sse::Event { event: name, data, .. }) = item {
                        tell(Heard::Event { name, data });
                    }
                }
                if !events.last_event_id().is_empty() {
                    events.last_event_id().clone_into(&mut self.cursor);
                }
                Ok(part.consumed)
            }
            Stage::Frames(frames) => {
                let decoded = frames.decode(input).map_err(said)?;
                let consumed = decoded.consumed;
                match decoded.event {
                    Some(websocket::Event::Text(text)) => {
                        let envelope = serde_json::from_str(text).map_err(said)?;
                        self.take(envelope, tell);
                    }
                    Some(websocket::Event::Close(close)) => {
                        return Err(format!("the server closes: {close:?}"));
                    }
                    _ => {}
                }
                Ok(consumed)
            }
            Stage::Batch(Batch { decoder, json, stands_at }) => {
                let part = decoder.decode(input).map_err(said)?;
                json.extend_from_slice(part.data);
                let consumed = part.consumed;
                if part.is_done {
                    let all: Vec<Envelope> = serde_json::from_slice(json).map_err(said)?;
                    let stands_at = stands_at.take();
                    all.into_iter().for_each(|envelope| self.take(envelope, tell));
                    self.end_answer(stands_at, tell);
                }
                Ok(consumed)
            }
        }
    }

    /// Learns from the head what follows it.
    fn open(&mut self, head: &ResponseHead, tell: &mut impl FnMut(Heard)) -> Result<(), String> {
        let body = || BodyDecoder::response(head.body(&Method::GET), u64::MAX).map_err(said);
        let stands_at = head.header_text("last-event-id").map(str::to_owned);
        self.stage = match (self.way, head.status().as_u16()) {
            (Way::Events, 200) => Stage::Stream(body()?, sse::Decoder::new(BYTES_MAX)),
            (Way::Socket, 101) => Stage::Frames(websocket::Decoder::new(Role::Client, BYTES_MAX)),
            (Way::Poll, 200) => {
                Stage::Batch(Batch { decoder: body()?, json: Vec::new(), stands_at })
            }
            (Way::Poll, 204) => {
                self.end_answer(stands_at, tell);
                return Ok(());
            }
            (way, status) => return Err(format!("{way:?} is answered {status}")),
        };
        Ok(())
    }

    fn take(&mut self, Envelope { id, event, data }: Envelope, tell: &mut impl FnMut(Heard)) {
        if let Some(id) = id {
            self.cursor = id;
        }
        if let (Some(name), Some(data)) = (event, data) {
            tell(Heard::Event { name, data });
        }
    }

    fn end_answer(&mut self, stands_at: Option<String>, tell: &mut impl FnMut(Heard)) {
        if let Some(cursor) = stands_at {
            self.cursor = cursor;
        }
        self.stage = Stage::Head(ResponseHeads::new());
        tell(Heard::Answer);
    }
}

fn said(fault: impl ToString) -> String {
    fault.to_string()
}

/// Bytes of the longest event; ours have ten.
const BYTES_MAX: usize = 1 << 20;
