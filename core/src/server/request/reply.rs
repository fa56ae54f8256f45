//! A reply: a whole answer the server gives in an action's stead.

use http::{HeaderName, HeaderValue, StatusCode};

use crate::action::Halt;
use crate::protocol::http::{Connection, Date, Framing, Header, VARY, encode_response_head};
use crate::server::connection::Asked;

/// A status, headers and a body, to be encoded whole.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
}

impl Reply {
    /// A status with its own name as the body.
    pub fn plain(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("the server answers with status codes");
        let reason = status.canonical_reason().unwrap_or("Error");
        Self::text(status.as_u16(), reason)
    }

    /// A status and a sentence.
    pub fn text(status: u16, text: &str) -> Self {
        let reply = Self::new(status).header("content-type", "text/plain; charset=utf-8");
        Self { body: format!("{text}\n").into_bytes(), ..reply }
    }

    /// The answer of production to whatever failed.
    pub fn failure() -> Self {
        Self::text(500, "Something went wrong")
    }

    /// A status and a page.
    pub fn html(status: u16, page: String) -> Self {
        let reply = Self::new(status).header("content-type", "text/html; charset=utf-8");
        Self { body: page.into_bytes(), ..reply }
    }

    /// A status and nothing more.
    pub fn new(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("the server answers with status codes");
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// The answer a halt is, to the letter.
    pub fn halt(halt: &Halt) -> Self {
        let headers = halt.headers().iter();
        Self {
            headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
            body: halt.body().to_vec(),
            ..Self::new(halt.status())
        }
    }

    /// Adds a header. One that is none is left out, and that is logged: the server makes none.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let parts = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()));
        match parts {
            (Ok(name), Ok(value)) => self.headers.push((name, value)),
            _ => tracing::error!(name, value, "a reply has a header that is none"),
        }
        self
    }

    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Appends the answer to what `asked`.
    pub fn encode(&self, asked: &Asked, keeps_alive: bool, date: &Date, out: &mut Vec<u8>) {
        let has_no_body = self.status == 204 || self.status == 304;
        let framing = match has_no_body {
            true => Framing::None,
            false => Framing::Length(self.body.len() as u64),
        };
        let connection = match keeps_alive {
            // A 426 names what to upgrade to, and `Connection` must name `Upgrade` with it.
            _ if self.status == 426 => Connection::Upgrade,
            true => Connection::KeepAlive,
            false => Connection::Close,
        };
        let own = self.headers.iter().map(|(name, value)| Header::from((name, value)));
        let has = |wanted: &str| self.headers.iter().any(|(name, _)| name == wanted);
        let shared = asked.shared.iter().filter(|(name, _)| *name == VARY || !has(name));
        let shared = shared.filter_map(|(name, value)| Header::new(name, value).ok());
        let headers = own.chain(shared);
        let (version, date) = (asked.version, Some(date));
        encode_response_head(out, self.status, headers, framing, connection, version, date);
        if !has_no_body && asked.method != http::Method::HEAD {
            out.extend_from_slice(&self.body);
        }
    }
}
