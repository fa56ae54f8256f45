//! The two versions of HTTP/1 there are (RFC 9112, section 2.3).

use std::fmt;

/// The version a message was sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// HTTP/1.0: no chunks, and a connection ends with its answer unless both sides say otherwise.
    Http10,
    /// HTTP/1.1.
    Http11,
}

impl Version {
    /// The version of this minor number; the tokenizer passes none but 0 and 1.
    pub(super) fn of_minor(minor: u8) -> Self {
        if minor == 0 { Self::Http10 } else { Self::Http11 }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
        })
    }
}
