//! A request: what a browser asks with when a path alone does not say it.

use crampon::protocol::http::{
    BodyLength, Header, Method, encode_chunk, encode_last_chunk, encode_request_head,
};
use crampon::protocol::websocket::handshake::{encode_upgrade_request, request_key};

/// The nonce of every upgrade: no proxy is there to be fooled.
pub(crate) const NONCE: [u8; 16] = *b"sixteen of these";

/// A request, to be sent as often as one likes.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    path: String,
    host: String,
    headers: Vec<(String, String)>,
    length: BodyLength,
    /// The body as it is sent, in its chunks if it has any.
    body: Vec<u8>,
    /// What is offered, if a WebSocket is asked for.
    subprotocols: Option<Vec<String>>,
}

impl Request {
    /// A request without a body, to the host `test`.
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            host: "test".to_owned(),
            headers: Vec::new(),
            length: BodyLength::None,
            body: Vec::new(),
            subprotocols: None,
        }
    }

    /// Asks for a path.
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// Sends a body to a path.
    pub fn post(path: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new(Method::POST, path).body(body)
    }

    /// Asks for a WebSocket, and offers subprotocols.
    pub fn upgrade(path: &str, subprotocols: &[&str]) -> Self {
        let offered = subprotocols.iter().map(|name| (*name).to_owned()).collect();
        Self { subprotocols: Some(offered), ..Self::get(path) }
    }

    /// The same to another host.
    pub fn host(mut self, host: impl ToString) -> Self {
        self.host = host.to_string();
        self
    }

    /// The same with a header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a body whose length is announced.
    pub fn body(self, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref().to_vec();
        Self { length: BodyLength::Length(body.len() as u64), body, ..self }
    }

    /// The same with a body in chunks.
    pub fn chunks<C: AsRef<[u8]>>(self, chunks: impl IntoIterator<Item = C>) -> Self {
        let mut body = Vec::new();
        for chunk in chunks {
            encode_chunk(&mut body, chunk.as_ref());
        }
        encode_last_chunk(&mut body, std::iter::empty::<Header<'_>>());
        Self { length: BodyLength::Chunked, body, ..self }
    }

    /// The same with a body that is announced and left for later.
    pub fn announcing(self, length: BodyLength) -> Self {
        Self { length, body: Vec::new(), ..self }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The request as it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len());
        let Self { method, path, host, .. } = self;
        let headers = self.headers.iter().map(|(name, value)| {
            Header::new(name, value.as_bytes()).expect("what a browser sends is a header")
        });
        if let Some(offered) = &self.subprotocols {
            let offered: Vec<_> = offered.iter().map(String::as_str).collect();
            let key = request_key(NONCE);
            encode_upgrade_request(&mut out, host, path, &key, &offered, None, headers);
        } else {
            encode_request_head(&mut out, method, path, host, headers, self.length);
        }
        out.extend_from_slice(&self.body);
        out
    }
}
