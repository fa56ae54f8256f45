//! An answer, whole.

use crampon::protocol::http::ResponseHead;

/// A response head and all of its body.
#[derive(Debug)]
pub struct Answer {
    /// The head.
    pub head: ResponseHead,
    /// The body, out of its chunks.
    pub body: Vec<u8>,
}

impl Answer {
    /// The status.
    pub fn status(&self) -> u16 {
        self.head.status().as_u16()
    }

    /// A header as text, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.head.header_text(name).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }
}
