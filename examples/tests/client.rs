//! A small client over plain sockets: requests, event streams, WebSockets.
//!
//! Every wait is a read with a deadline: what does not come in time fails the test that waits.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crampon::protocol::http::{
    BodyDecoder, BodyLength, HeadLimits, Method, ResponseHead, ResponseHeads, encode_request_head,
};
use crampon::protocol::sse::{self, Item};
use crampon::protocol::websocket::{self, Role, masked};
use serde_json::Value;

/// How long a test waits for anything: far beyond what a busy machine needs.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Bytes of one answer, event or message in these tests.
const BYTES_MAX: usize = 1 << 20;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: ResponseHead,
    pub body: String,
}

impl Answer {
    /// A header of the answer, `""` if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.head.header_text(name).unwrap_or_default()
    }
}

/// One request on one connection: what was read from it and not yet looked at.
pub struct Wire {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Wire {
    /// Connects and sends the head of a request.
    pub fn open(
        address: SocketAddr,
        method: &Method,
        target: &str,
        headers: &[(&str, &str)],
        body: BodyLength,
    ) -> Self {
        let stream = TcpStream::connect_timeout(&address, DEADLINE).expect("the example listens");
        stream.set_read_timeout(Some(DEADLINE)).expect("30 s are a timeout");
        let mut wire = Self { stream, input: Vec::new() };
        let mut request = Vec::new();
        let host = address.to_string();
        encode_request_head(&mut request, method, target, &host, headers.iter().copied(), body);
        wire.send(&request);
        wire
    }

    /// Sends more of the body, as it is.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the example reads");
    }

    /// Reads the head of the answer.
    pub fn head(&mut self) -> ResponseHead {
        let mut heads = ResponseHeads::new();
        loop {
            match heads.decode(&self.input, &HeadLimits::default()).expect("an HTTP answer") {
                Some((head, length)) => {
                    self.input.drain(..length);
                    return head;
                }
                None => assert!(self.read(), "the connection ended before the answer"),
            }
        }
    }

    /// Reads the whole answer.
    pub fn answer(&mut self, method: &Method) -> Answer {
        let head = self.head();
        let mut decoder = BodyDecoder::response(head.body(method), BYTES_MAX as u64)
            .expect("a body of ordinary length");
        let mut body = Vec::new();
        while !decoder.is_done() {
            let part = decoder.decode(&self.input).expect("a well-formed body");
            body.extend_from_slice(part.data);
            let consumed = part.consumed;
            self.input.drain(..consumed);
            if consumed == 0 && !self.read() {
                decoder.finish().expect("the whole body");
                break;
            }
        }
        let body = String::from_utf8(body).expect("text");
        Answer { status: head.status().as_u16(), head, body }
    }

    /// Whether something arrives within `patience`; it is kept.
    pub fn hears_within(&mut self, patience: Duration) -> bool {
        self.stream.set_read_timeout(Some(patience)).expect("patience is not zero");
        let mut bytes = [0; 4096];
        let heard = match self.stream.read(&mut bytes) {
            Ok(length) => {
                self.input.extend_from_slice(&bytes[..length]);
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                false
            }
            Err(error) => panic!("the connection broke: {error}"),
        };
        self.stream.set_read_timeout(Some(DEADLINE)).expect("30 s are a timeout");
        heard
    }

    /// Reads more; `false` at the end.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 16 * 1024];
        let length = self.stream.read(&mut bytes).expect("something, within the deadline");
        self.input.extend_from_slice(&bytes[..length]);
        length > 0
    }
}

/// An open stream of events.
pub struct Events {
    wire: Wire,
    decoder: sse::Decoder,
    items: std::vec::IntoIter<Item>,
    /// The last time to wait that the stream named.
    pub retry: Option<Duration>,
}

impl Events {
    /// Opens a stream, behind the event `last_seen`.
    pub fn open(address: SocketAddr, target: &str, last_seen: Option<u64>) -> Self {
        let id = last_seen.map(|id| id.to_string());
        let mut headers = vec![("accept", "text/event-stream")];
        headers.extend(id.as_deref().map(|id| ("last-event-id", id)));
        let mut wire = Wire::open(address, &Method::GET, target, &headers, BodyLength::None);
        let head = wire.head();
        assert_eq!(head.status(), 200, "{target} is a stream of events");
        assert_eq!(head.header_text("content-type"), Some("text/event-stream; charset=utf-8"));
        let items = Vec::new().into_iter();
        Self { wire, decoder: sse::Decoder::new(BYTES_MAX), items, retry: None }
    }

    /// Waits for the next event, or the end of the stream.
    pub fn next_event(&mut self) -> Option<sse::Event> {
        loop {
            match self.items.next() {
                Some(Item::Event(event)) => return Some(event),
                Some(Item::Retry(delay)) => self.retry = Some(delay),
                Some(Item::Comment(_)) => {}
                None => {
                    if self.wire.input.is_empty() && !self.wire.read() {
                        return None;
                    }
                    let bytes = std::mem::take(&mut self.wire.input);
                    self.items = self.decoder.feed(&bytes).expect("short events").into_iter();
                }
            }
        }
    }
}

/// An open WebSocket.
pub struct Socket {
    wire: Wire,
    decoder: websocket::Decoder,
}

/// What a server said on a socket.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    Text(String),
    Closed(u16),
}

impl Socket {
    /// Opens a socket, with the key of RFC 6455's example.
    pub fn open(address: SocketAddr, target: &str) -> Self {
        let headers = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let mut wire = Wire::open(address, &Method::GET, target, &headers, BodyLength::None);
        let head = wire.head();
        assert_eq!(head.status(), 101, "{target} is a WebSocket");
        let accept = head.header_text("sec-websocket-accept");
        assert_eq!(accept, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        Self { wire, decoder: websocket::Decoder::new(Role::Client, BYTES_MAX) }
    }

    /// Sends a text message.
    pub fn send(&mut self, text: &str) {
        let mut frame = Vec::new();
        masked::encode_text(&mut frame, KEY, text);
        self.wire.send(&frame);
    }

    /// Sends a binary message.
    pub fn send_binary(&mut self, bytes: &[u8]) {
        let mut frame = Vec::new();
        masked::encode_binary(&mut frame, KEY, bytes);
        self.wire.send(&frame);
    }

    /// Waits for the next text.
    pub fn text(&mut self) -> String {
        match self.heard() {
            Said::Text(text) => text,
            Said::Closed(code) => panic!("the socket was closed with {code}"),
        }
    }

    /// Waits for the next text or the end.
    pub fn heard(&mut self) -> Said {
        loop {
            let decoded = self.decoder.decode(&mut self.wire.input).expect("well-formed frames");
            let consumed = decoded.consumed;
            let said = match decoded.event {
                Some(websocket::Event::Text(text)) => Some(Said::Text(text.to_owned())),
                Some(websocket::Event::Close(close)) => {
                    Some(Said::Closed(close.map_or(1005, |close| close.code)))
                }
                _ => None,
            };
            self.wire.input.drain(..consumed);
            if let Some(said) = said {
                if matches!(said, Said::Closed(_)) {
                    self.agree_to_close();
                }
                return said;
            }
            assert!(consumed > 0 || self.wire.read(), "the connection ended without a close frame");
        }
    }

    /// Answers a close frame, which is what the server waits for.
    fn agree_to_close(&mut self) {
        let mut frame = Vec::new();
        masked::encode_close(&mut frame, KEY, Some((1000, ""))).expect("1000 may be sent");
        self.wire.send(&frame);
    }
}

/// What masks our frames; no proxy between us could be fooled.
const KEY: [u8; 4] = [1, 2, 3, 4];

/// Reads JSON.
pub fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text:?} is not JSON: {error}"))
}
