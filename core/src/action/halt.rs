//! An answer given instead of starting the action.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// An answer given instead of starting the action: exactly this status, these headers, this body.
///
/// ```
/// use crampon::action::Halt;
/// let halt = Halt::new(401, "who are you?").header("www-authenticate", "Basic");
/// assert_eq!(halt.status(), 401);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt(Box<Answer>);

/// The parts of a halt, boxed: it travels in every `Result` of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Halt {
    /// An answer of this status and body; a body's content type is a header to add.
    ///
    /// # Panics
    /// When `status` is not between 200 and 599: a refusal is a final answer.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        assert!((200..600).contains(&status), "a halt answers with a status of 200 to 599");
        let status = StatusCode::from_u16(status).expect("200 to 599 are status codes");
        Self(Box::new(Answer { status, headers: HeaderMap::new(), body: body.into() }))
    }

    /// A redirect to another place (303: fetch it with GET).
    pub fn see_other(location: &str) -> Self {
        Self::new(303, "").header("location", location)
    }

    /// Adds a header.
    ///
    /// # Panics
    /// When the name or the value is not a legal header: CR, LF and NUL never are.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes())
            .unwrap_or_else(|_| panic!("`{name}` is not a header name"));
        let value = HeaderValue::from_str(value)
            .unwrap_or_else(|_| panic!("{value:?} is not a value for the header `{name}`"));
        self.0.headers.append(name, value);
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.0.status.as_u16()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "halted with {}: {}", self.0.status, String::from_utf8_lossy(&self.0.body))
    }
}

impl std::error::Error for Halt {}
