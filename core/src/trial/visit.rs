//! A visit: the request a viewer makes.

use http::Method;
use serde::Serialize;

use crate::protocol::http::{BodyLength, Header, encode_request_head};
use crate::protocol::websocket::handshake::request_key;

/// A request about to be made.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before a `World` or a `Trial` takes the visit"]
pub struct Visit {
    pub(super) method: Method,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    announced: Option<u64>,
}

impl Visit {
    /// GET.
    pub fn get(target: &str) -> Self {
        Self::new(Method::GET, target)
    }

    /// POST, with a body of no declared type.
    pub fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(Method::POST, target).body(body)
    }

    /// Any method.
    pub fn new(method: Method, target: &str) -> Self {
        Self { method, target: target.to_owned(), headers: Vec::new(), body: None, announced: None }
    }

    /// GET for an event stream.
    pub fn events(target: &str) -> Self {
        Self::get(target).header("accept", "text/event-stream")
    }

    /// GET with an upgrade to a WebSocket.
    pub fn socket(target: &str) -> Self {
        let key = request_key(NONCE);
        let key = std::str::from_utf8(&key).expect("base64 is ASCII");
        Self::get(target)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", key)
    }

    /// Adds a header.
    ///
    /// # Panics
    /// When it is none: what no client can send as a header is for
    /// [`connect`](super::World::connect).
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Err(fault) = Header::new(name, value.as_bytes()) {
            panic!("{fault}");
        }
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives the request a body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Announces a body of so many bytes, of which none is sent yet: the test sends them when it
    /// likes, by [`send_bytes`](super::Trial::send_bytes).
    pub fn announcing(mut self, body_bytes: u64) -> Self {
        self.announced = Some(body_bytes);
        self
    }

    /// Gives the request a form as its body.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.header("content-type", "application/x-www-form-urlencoded").body(form)
    }

    /// Gives the request a value as JSON for its body.
    ///
    /// # Panics
    /// When the value cannot be JSON.
    pub fn json(self, value: &impl Serialize) -> Self {
        let json = serde_json::to_vec(value).expect("the value can be written as JSON");
        self.header("content-type", "application/json").body(json)
    }

    /// The request as it goes over the wire.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let bytes = self.announced.or(self.body.as_ref().map(|body| body.len() as u64));
        let length = bytes.map_or(BodyLength::None, BodyLength::Length);
        let headers = self.headers.iter().map(|(name, value)| {
            Header::new(name, value.as_bytes()).expect("it was found to be one")
        });
        encode_request_head(&mut out, &self.method, &self.target, HOST, headers, length);
        out.extend_from_slice(self.body.as_deref().unwrap_or_default());
        out
    }
}

/// The host every visit names.
const HOST: &str = "trial.test";

/// What the key of every upgrade is made of: chance would only make trials differ.
const NONCE: [u8; 16] = *b"a trial, no secr";
