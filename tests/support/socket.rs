//! A WebSocket from the client's side.

use crampon::protocol::http::ResponseHead;
use crampon::protocol::websocket::deflate::{
    Agreement, Deflater, Inflater, Offer, Past, WindowBits,
};
use crampon::protocol::websocket::handshake::{check_switching_protocols, request_key};
use crampon::protocol::websocket::{Decoder, Event, Opcode, Role, encode_text, masked};

use super::request::NONCE;
use crate::{Browser, Request};

/// An open WebSocket.
pub struct Socket {
    browser: Browser,
    decoder: Decoder,
    /// The subprotocol agreed on.
    pub subprotocol: Option<String>,
    deflating: Option<Deflating>,
}

/// What a socket has on which compression was agreed.
struct Deflating {
    agreement: Agreement,
    deflater: Deflater,
    inflater: Inflater,
    past: Past,
    /// Compressed messages heard.
    heard: usize,
}

impl Deflating {
    fn new(agreement: Agreement) -> Self {
        Self {
            agreement,
            deflater: Deflater::new(agreement.sent_by(Role::Client)),
            inflater: Inflater::new(),
            past: Past::new(agreement.sent_by(Role::Server).window_bits),
            heard: 0,
        }
    }

    /// What may be pointed back to: nothing if that was agreed, so that the server is held to it.
    fn begin(&mut self) {
        self.heard += 1;
        if !self.agreement.sent_by(Role::Server).takes_over {
            self.past = Past::new(WindowBits::MAX);
        }
    }
}

/// What the server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A close frame, with the code and the reason.
    Close(Option<(u16, String)>),
}

impl Frame {
    /// A text message.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A close frame with a code and no reason.
    pub fn close(code: u16) -> Self {
        Self::Close(Some((code, String::new())))
    }

    /// The code of a close frame.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Close(close) => close.as_ref().map(|(code, _)| *code),
            _ => None,
        }
    }
}

/// The mask of every frame here: no proxy is there to be fooled.
const MASK: [u8; 4] = [1, 2, 3, 4];

/// A text message as a client sends it.
pub fn said(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    masked::encode_text(&mut bytes, MASK, text);
    bytes
}

/// A text message as a server sends it.
pub fn heard(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_text(&mut bytes, text);
    bytes
}

/// Checks the head that answers an upgrade request, and returns the subprotocol.
#[track_caller]
pub fn switched(head: &ResponseHead, subprotocols: &[&str]) -> Option<String> {
    let status = head.status().as_u16();
    let find = |name: &str| head.header(name);
    check_switching_protocols(status, find, &request_key(NONCE), subprotocols, None)
        .expect("the server agrees to a websocket")
        .subprotocol
        .map(str::to_owned)
}

impl Socket {
    /// Opens a WebSocket on a connection.
    #[track_caller]
    pub fn open(browser: Browser, path: &str) -> Self {
        Self::offering(browser, path, &[])
    }

    /// Opens a WebSocket that offers subprotocols.
    #[track_caller]
    pub fn offering(mut browser: Browser, path: &str, subprotocols: &[&str]) -> Self {
        browser.send(Request::upgrade(path, subprotocols).bytes());
        let subprotocol = switched(&browser.head(), subprotocols);
        Self { subprotocol, ..Self::on(browser) }
    }

    /// Opens a WebSocket that offers compression, and checks how it is answered.
    #[track_caller]
    pub fn deflating(
        mut browser: Browser,
        path: &str,
        subprotocols: &[&str],
        offer: &Offer,
    ) -> Self {
        let mut extension = Vec::new();
        offer.write(&mut extension);
        let extension = String::from_utf8(extension).expect("offers are ASCII");
        let request = Request::upgrade(path, subprotocols);
        browser.send(request.header("sec-websocket-extensions", &extension).bytes());
        let head = browser.head();
        let find = |name: &str| head.header(name);
        let key = request_key(NONCE);
        let switched = check_switching_protocols(101, find, &key, subprotocols, Some(offer))
            .expect("the server answers what was offered");
        let subprotocol = switched.subprotocol.map(str::to_owned);
        let socket = Self { subprotocol, ..Self::on(browser) };
        match switched.deflate {
            None => socket,
            Some(agreement) => Self {
                decoder: socket.decoder.deflating(),
                deflating: Some(Deflating::new(agreement)),
                ..socket
            },
        }
    }

    /// What was agreed of compression.
    pub fn agreement(&self) -> Option<Agreement> {
        self.deflating.as_ref().map(|deflating| deflating.agreement)
    }

    /// How many compressed messages were heard.
    pub fn deflated(&self) -> usize {
        self.deflating.as_ref().map_or(0, |deflating| deflating.heard)
    }

    /// Sends a message compressed; compression was agreed.
    pub fn say_deflated(&mut self, is_text: bool, payload: &[u8]) {
        let mut out = Vec::new();
        let deflating = self.deflating.as_mut().expect("compression was agreed");
        deflating.deflater.encode_masked(&mut out, MASK, is_text, payload);
        self.browser.send(out);
    }

    /// Goes on as a WebSocket on a connection that was upgraded.
    pub fn on(browser: Browser) -> Self {
        let decoder = Decoder::new(Role::Client, usize::MAX);
        Self { browser, decoder, subprotocol: None, deflating: None }
    }

    /// The connection below.
    pub fn browser(&mut self) -> &mut Browser {
        &mut self.browser
    }

    /// The connection below, for good.
    pub fn into_browser(self) -> Browser {
        self.browser
    }

    /// Sends a text message.
    pub fn say(&mut self, text: &str) {
        self.frame(Opcode::Text, true, text.as_bytes());
    }

    /// Sends a binary message.
    pub fn say_binary(&mut self, bytes: &[u8]) {
        self.frame(Opcode::Binary, true, bytes);
    }

    /// Sends one frame.
    pub fn frame(&mut self, opcode: Opcode, is_final: bool, payload: &[u8]) {
        let mut out = Vec::new();
        masked::encode_frame(&mut out, MASK, opcode, is_final, payload);
        self.browser.send(out);
    }

    /// Sends a close frame.
    pub fn close(&mut self, code: u16, reason: &str) {
        let mut out = Vec::new();
        masked::encode_close(&mut out, MASK, Some((code, reason))).expect("the code can be sent");
        self.browser.send(out);
    }

    /// The next message or control frame.
    #[track_caller]
    pub fn receive(&mut self) -> Frame {
        let Self { browser, decoder, deflating, .. } = self;
        browser.decode(|input| {
            loop {
                let decoded = decoder.decode(input).expect("the server frames soundly");
                let consumed = decoded.consumed;
                let event = match (decoded.event, &mut *deflating) {
                    (Some(Event::Deflated(message)), Some(deflating)) => {
                        deflating.begin();
                        let Deflating { inflater, past, .. } = deflating;
                        let event = inflater.inflate(&message, Some(past), usize::MAX);
                        Some(event.expect("the server compresses soundly"))
                    }
                    (event, _) => event,
                };
                let frame = event.map(|event| match event {
                    Event::Text(text) => Frame::text(text),
                    Event::Binary(bytes) => Frame::Binary(bytes.to_vec()),
                    Event::Ping(bytes) => Frame::Ping(bytes.to_vec()),
                    Event::Pong(bytes) => Frame::Pong(bytes.to_vec()),
                    Event::Close(close) => {
                        Frame::Close(close.map(|close| (close.code, close.reason.to_owned())))
                    }
                    Event::Part { .. } | Event::Deflated(_) => {
                        unreachable!("this decoder collects messages, and they are inflated")
                    }
                });
                input.drain(..consumed);
                if frame.is_some() || consumed == 0 {
                    return frame;
                }
            }
        })
    }

    /// The next text message.
    #[track_caller]
    pub fn text(&mut self) -> String {
        match self.receive() {
            Frame::Text(text) => text,
            other => panic!("expected a text message, got {other:?}"),
        }
    }

    /// Waits for the server to end the connection without another frame.
    #[track_caller]
    pub fn expect_end(&mut self) {
        self.browser.expect_end();
    }
}
