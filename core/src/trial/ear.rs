//! The ear: the bytes of an answer into what a viewer hears, by the client's codecs.

use http::Method;

use super::Heard;
use crate::protocol::http::{
    BodyDecoder, BodyLength, HeadLimits, ResponseBody, ResponseHead, ResponseHeads,
};
use crate::protocol::sse::{self, Item};
use crate::protocol::websocket::deflate::{Inflater, Past, WindowBits};
use crate::protocol::websocket::{self, Event, Role, masked};

/// Decodes one answer after another.
pub(super) struct Ear {
    /// The method of the request answered: an answer to HEAD has no body.
    method: Method,
    bytes: Vec<u8>,
    heads: ResponseHeads,
    pub(super) head: Option<ResponseHead>,
    /// The last id an event stream has named.
    pub(super) last_event_id: String,
    body: Body,
}

enum Body {
    /// The head is not complete.
    Unknown,
    /// Gathered until it is complete.
    Whole { decoder: BodyDecoder, bytes: Vec<u8> },
    /// Heard chunk by chunk.
    Chunks(BodyDecoder),
    /// Heard event by event, as long as the connection lasts.
    Events(sse::Decoder),
    /// Heard as it comes, as long as the connection lasts.
    UntilClose,
    /// Heard message by message.
    Socket {
        decoder: websocket::Decoder,
        inflating: Option<Box<(Inflater, Past)>>,
        is_closed: bool,
    },
    /// Over.
    Done,
}

impl Ear {
    pub fn new(method: Method) -> Self {
        Self {
            method,
            bytes: Vec::new(),
            heads: ResponseHeads::new(),
            head: None,
            last_event_id: String::new(),
            body: Body::Unknown,
        }
    }

    /// Makes ready for the answer to another request on the same connection.
    pub fn listen_again(&mut self, method: Method) {
        let bytes = std::mem::take(&mut self.bytes);
        *self = Self { bytes, ..Self::new(method) };
    }

    pub fn is_socket(&self) -> bool {
        matches!(self.body, Body::Socket { .. })
    }

    /// Takes bytes that arrived; what is to be sent back by itself is appended to `back`.
    pub fn take(&mut self, bytes: &[u8], heard: &mut Vec<Heard>, back: &mut Vec<u8>) {
        self.bytes.extend_from_slice(bytes);
        while self.step(heard, back) {}
    }

    /// Makes one step; `false` when more bytes must come first.
    fn step(&mut self, heard: &mut Vec<Heard>, back: &mut Vec<u8>) -> bool {
        match &mut self.body {
            Body::Unknown => {
                let decoded = self.heads.decode(&self.bytes, &HeadLimits::default());
                let Some((head, consumed)) = decoded.expect("the server writes legal heads") else {
                    return false;
                };
                self.bytes.drain(..consumed);
                if head.status() == 100 {
                    heard.push(Heard::Continue);
                    return true;
                }
                self.body = Body::of(&head, &self.method);
                self.head = Some(head);
                true
            }
            Body::Whole { decoder, bytes } => {
                let part = decoder.decode(&self.bytes).expect("the server writes legal bodies");
                bytes.extend_from_slice(part.data);
                let (consumed, is_done) = (part.consumed, part.is_done);
                self.bytes.drain(..consumed);
                if is_done {
                    if !bytes.is_empty() {
                        heard.push(Heard::Body(std::mem::take(bytes)));
                    }
                    heard.push(Heard::End);
                    self.body = Body::Done;
                }
                is_done || consumed > 0
            }
            Body::Chunks(decoder) => {
                let part = decoder.decode(&self.bytes).expect("the server writes legal chunks");
                if !part.data.is_empty() {
                    heard.push(Heard::Chunk(part.data.to_vec()));
                }
                let (consumed, is_done) = (part.consumed, part.is_done);
                self.bytes.drain(..consumed);
                if is_done {
                    heard.push(Heard::End);
                    self.body = Body::Done;
                }
                is_done || consumed > 0
            }
            Body::Events(decoder) => {
                let items = decoder.feed(&self.bytes).expect("no event is that long");
                self.bytes.clear();
                decoder.last_event_id().clone_into(&mut self.last_event_id);
                heard.extend(items.into_iter().map(|item| match item {
                    Item::Event(event) => {
                        Heard::Event { name: event.event, id: event.id, data: event.data }
                    }
                    Item::Retry(delay) => Heard::Retry(delay),
                    Item::Comment(text) => Heard::Comment(text),
                }));
                false
            }
            Body::UntilClose => {
                if !self.bytes.is_empty() {
                    heard.push(Heard::Chunk(std::mem::take(&mut self.bytes)));
                }
                false
            }
            Body::Socket { decoder, inflating, is_closed } => {
                let decoded =
                    decoder.decode(&mut self.bytes).expect("the server writes legal frames");
                let event = match (decoded.event, inflating) {
                    (Some(Event::Deflated(message)), Some(inflating)) => {
                        let (inflater, past) = &mut **inflating;
                        let event = inflater.inflate(&message, Some(past), BYTES_MAX);
                        Some(event.expect("the server compresses what can be inflated"))
                    }
                    (event, _) => event,
                };
                match event {
                    None | Some(Event::Part { .. } | Event::Deflated(_)) => {}
                    Some(Event::Text(text)) => heard.push(Heard::Text(text.to_owned())),
                    Some(Event::Binary(bytes)) => heard.push(Heard::Binary(bytes.to_vec())),
                    Some(Event::Ping(payload)) => {
                        masked::encode_pong(back, MASK, payload);
                        heard.push(Heard::Ping);
                    }
                    Some(Event::Pong(payload)) => heard.push(Heard::Pong(payload.to_vec())),
                    Some(Event::Close(close)) => {
                        *is_closed = true;
                        let answer = close.map(|close| (close.code, ""));
                        masked::encode_close(back, MASK, answer).expect("the code was sent to us");
                        heard.push(Heard::Close {
                            code: close.map(|close| close.code),
                            reason: close.map_or("", |close| close.reason).to_owned(),
                        });
                    }
                }
                let consumed = decoded.consumed;
                self.bytes.drain(..consumed);
                consumed > 0
            }
            Body::Done => false,
        }
    }

    /// The server has ended the connection.
    pub fn end(&mut self, heard: &mut Vec<Heard>) {
        match std::mem::replace(&mut self.body, Body::Done) {
            Body::Done => {}
            Body::Events(_) | Body::UntilClose | Body::Socket { is_closed: true, .. } => {
                heard.push(Heard::End);
            }
            Body::Unknown | Body::Whole { .. } | Body::Chunks(_) | Body::Socket { .. } => {
                heard.push(Heard::Cut);
            }
        }
    }
}

impl Body {
    fn of(head: &ResponseHead, method: &Method) -> Self {
        if head.status() == 101 {
            let decoder = websocket::Decoder::new(Role::Client, BYTES_MAX);
            // One extension is spoken here: what was accepted is compression.
            let deflates = head.header("sec-websocket-extensions").is_some();
            let inflating =
                deflates.then(|| Box::new((Inflater::new(), Past::new(WindowBits::MAX))));
            let decoder = if deflates { decoder.deflating() } else { decoder };
            return Self::Socket { decoder, inflating, is_closed: false };
        }
        let is_events = head
            .header_text("content-type")
            .is_some_and(|value| value.starts_with("text/event-stream"));
        let decoder = |body| BodyDecoder::response(body, BYTES_MAX as u64).expect("within limits");
        match head.body(method) {
            ResponseBody::UntilClose if is_events => Self::Events(sse::Decoder::new(BYTES_MAX)),
            ResponseBody::UntilClose => Self::UntilClose,
            body @ ResponseBody::Framed(BodyLength::Chunked) => Self::Chunks(decoder(body)),
            body => Self::Whole { decoder: decoder(body), bytes: Vec::new() },
        }
    }
}

/// The mask of every frame a trial sends: chance would only make trials differ.
pub(super) const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Bytes of an answer a trial takes: more than any test wants to see.
const BYTES_MAX: usize = 256 * 1024 * 1024;
