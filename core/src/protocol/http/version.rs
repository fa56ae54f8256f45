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
    /// Reads the version that the input begins with, and returns what is left behind it; `None` if
    /// it is none of the two.
    #[inline]
    pub(super) fn read(input: &[u8]) -> Option<(Self, &[u8])> {
        let (name, rest) = input.split_first_chunk()?;
        // As numbers, each is compared in one step.
        let name = u64::from_ne_bytes(*name);
        let is_1_1 = name == u64::from_ne_bytes(*b"HTTP/1.1");
        let is_1_0 = name == u64::from_ne_bytes(*b"HTTP/1.0");
        let version = if is_1_1 { Self::Http11 } else { Self::Http10 };
        (is_1_1 || is_1_0).then_some((version, rest))
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
