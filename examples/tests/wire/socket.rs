//! A WebSocket client.

use std::net::SocketAddr;

use crampon::protocol::http::ResponseHead;
use crampon::protocol::websocket::handshake::{
    check_switching_protocols, encode_upgrade_request, request_key,
};
use crampon::protocol::websocket::{Decoder, Event, Role, masked};

use super::BYTES_MAX;
use super::http::Http;

/// A WebSocket, open.
pub struct Socket {
    pub subprotocol: Option<String>,
    http: Http,
    decoder: Decoder,
}

/// What comes over it; pings are answered on the way.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Vec<u8>),
    Close(Option<u16>),
}

/// A test need not hide its bytes from any script.
const KEY: [u8; 4] = [1, 2, 3, 4];
const NONCE: [u8; 16] = [7; 16];

impl Socket {
    /// Opens a WebSocket.
    pub fn open(to: SocketAddr, target: &str) -> Self {
        Self::offer(to, target, &[])
    }

    /// Opens a WebSocket with one of these subprotocols.
    pub fn offer(to: SocketAddr, target: &str, subprotocols: &[&str]) -> Self {
        let (http, head) = Self::ask(to, target, subprotocols, &[]);
        let subprotocol = check_switching_protocols(
            head.status().as_u16(),
            |name| head.header(name),
            &request_key(NONCE),
            subprotocols,
        );
        let subprotocol = subprotocol.expect("the server agrees").map(str::to_owned);
        Self { subprotocol, http, decoder: Decoder::new(Role::Client, BYTES_MAX) }
    }

    /// Asks for a WebSocket, and returns what the server says to that.
    pub fn ask(
        to: SocketAddr,
        target: &str,
        subprotocols: &[&str],
        headers: &[(&str, &str)],
    ) -> (Http, ResponseHead) {
        let mut http = Http::connect(to);
        let mut out = Vec::new();
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let key = request_key(NONCE);
        encode_upgrade_request(&mut out, &http.host, target, &key, subprotocols, headers);
        http.send(&out);
        let head = http.answer_head();
        (http, head)
    }

    pub fn say(&mut self, text: &str) {
        let mut out = Vec::new();
        masked::encode_text(&mut out, KEY, text);
        self.http.send(&out);
    }

    pub fn say_binary(&mut self, bytes: &[u8]) {
        let mut out = Vec::new();
        masked::encode_binary(&mut out, KEY, bytes);
        self.http.send(&out);
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.http.send(bytes);
    }

    pub fn close(&mut self, code: u16) {
        let mut out = Vec::new();
        masked::encode_close(&mut out, KEY, Some((code, ""))).expect("the code may be sent");
        self.http.send(&out);
    }

    /// What comes next; `None` when the connection has ended.
    pub fn next(&mut self) -> Option<Frame> {
        loop {
            let decoded = self.decoder.decode(&mut self.http.input).expect("the frames are sound");
            let mut pong = Vec::new();
            let frame = match decoded.event {
                Some(Event::Text(text)) => Some(Frame::Text(text.to_owned())),
                Some(Event::Binary(bytes)) => Some(Frame::Binary(bytes.to_vec())),
                Some(Event::Close(close)) => Some(Frame::Close(close.map(|close| close.code))),
                Some(Event::Ping(bytes)) => {
                    masked::encode_pong(&mut pong, KEY, bytes);
                    None
                }
                Some(Event::Pong(_) | Event::Part { .. }) | None => None,
            };
            let consumed = decoded.consumed;
            self.http.input.drain(..consumed);
            self.http.send(&pong);
            if frame.is_some() {
                return frame;
            }
            if consumed == 0 && !self.http.read_more() {
                return None;
            }
        }
    }

    /// The next message, which is text.
    pub fn text(&mut self) -> String {
        match self.next() {
            Some(Frame::Text(text)) => text,
            other => panic!("expected a text message, got {other:?}"),
        }
    }
}
