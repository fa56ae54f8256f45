//! An answer given instead of starting the action.

use std::fmt;
use std::panic::Location;

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

    /// A redirect to another place (303: fetch it with GET); one that is no header's value makes it
    /// a failure, as for [`header`](Self::header).
    #[track_caller]
    pub fn see_other(location: &str) -> Self {
        Self::new(303, "").header("location", location)
    }

    /// Adds a header.
    ///
    /// If the name or the value is not that of a header, and with CR, LF or NUL none is, the answer
    /// becomes a 500 and the fault is logged: what a client has said may be part of it.
    #[must_use]
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                self.0.headers.append(name, value);
                self
            }
            (Err(_), _) => Self::failure(format_args!("`{}` is not a header name", shown(name))),
            (_, Err(_)) => {
                let (name, value) = (shown(name), shown(value));
                Self::failure(format_args!("`{value}` is not a value for the header `{name}`"))
            }
        }
    }

    #[track_caller]
    fn failure(fault: fmt::Arguments<'_>) -> Self {
        tracing::error!(place = %Location::caller(), "a halt cannot be answered: {fault}");
        Self::new(500, "Something went wrong\n")
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

/// A client's text as it may stand in a log: on one line, and not too long.
fn shown(text: &str) -> String {
    /// Characters that say what was wrong.
    const SHOWN_CHARS_MAX: usize = 64;
    text.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_none_makes_a_failure_of_any_halt() {
        for (name, value) in [
            ("x", "a\r\nset-cookie: b"),
            ("x", "a\0"),
            ("x", "\u{1b}[2J"),
            ("x\r\ny", "a"),
            ("x y", "a"),
            ("", "a"),
        ] {
            let halt = Halt::new(403, "no").header("x-before", "a").header(name, value);
            assert_eq!((halt.status(), halt.headers().len()), (500, 0), "{name:?}: {value:?}");
        }
        assert_eq!(Halt::see_other("/a\r\nset-cookie: b").status(), 500);
        assert_eq!(Halt::see_other("/a").headers()["location"], "/a");
    }

    #[test]
    fn a_text_that_is_logged_is_one_short_line() {
        assert_eq!(shown("a\r\n\u{1b}[2J"), r"a\r\n\u{1b}[2J");
        assert_eq!(shown(&"a".repeat(1000)).len(), 64);
    }
}
