//! What can be wrong with a message, what was seen, what would be right, and the status for it.

use thiserror::Error;

/// Bytes of an excerpt's beginning and of its end; what lies between is left out.
///
/// 40 bytes say where one is; more would let a stranger fill the log.
const EXCERPT_BEGINNING_BYTES: usize = 24;
const EXCERPT_END_BYTES: usize = 16;

/// A message that is not HTTP/1.1, that can be read in two ways, or that is more than we take.
///
/// After a fault nothing on the connection can be trusted: answer with [`status`](Self::status),
/// then close.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// A TLS handshake on a plain port.
    #[error(
        "a TLS handshake arrived where plain HTTP is spoken; the address begins with `http://`"
    )]
    Tls,
    /// A request that does not begin with a method.
    #[error("request begins with `{0}`; a method such as `GET` and one space would be right")]
    Method(Box<str>),
    /// A method longer than any there is.
    #[error("method is longer than {max} bytes; `GET` or `POST` would be right")]
    MethodTooLong {
        /// The limit, in bytes.
        max: usize,
    },
    /// A request to be somebody's tunnel.
    #[error("`CONNECT` asks for a proxy, and this server is none; `GET` would be right")]
    Connect,
    /// More empty lines before a head than a careless client leaves.
    #[error("more than {max} empty lines came before the head; it begins with its first line")]
    EmptyLines {
        /// The limit, in lines.
        max: usize,
    },
    /// A target with a byte that none may have, in a form that is not allowed here, or none at all.
    #[error("request target `{0}` is not a path, an http address or, for `OPTIONS`, a `*`")]
    Target(Box<str>),
    /// A percent sign in a path that begins no escape.
    #[error("request target has `{0}`; `%` and two hexadecimal digits would be right")]
    Escape(Box<str>),
    /// A target over its limit.
    #[error("request target is longer than {max} bytes")]
    TargetTooLong {
        /// The limit, in bytes.
        max: usize,
    },
    /// A first line that does not name a version.
    #[error("`{0}` does not name its version; `HTTP/1.1` at the end of the line would be right")]
    Version(Box<str>),
    /// A version other than 1.0 and 1.1.
    #[error("`{0}` names a version that is not spoken here; `HTTP/1.1` would be right")]
    VersionUnsupported(Box<str>),
    /// A first line of a response that is none.
    #[error("`{0}` is not a status line; `HTTP/1.1 200 OK` would be right")]
    StatusLine(Box<str>),
    /// A line that ends with LF alone, which others may not take for an end.
    #[error("line `{0}` ends with a bare LF; CR LF would be right")]
    BareLineFeed(Box<str>),
    /// A CR that no LF follows.
    #[error("`{0}` has a CR inside a line; CR LF at its end would be right")]
    BareCarriageReturn(Box<str>),
    /// A header line that begins with a blank, as folded ones did.
    #[error(
        "a header line begins with a blank; folded headers are obsolete, one line each is right"
    )]
    FoldedLine,
    /// A header line whose name is empty, has an illegal byte or is not followed by a colon at
    /// once.
    #[error("header line begins with `{0}`; a name of letters, digits and `-`, then `:`, is right")]
    HeaderName(Box<str>),
    /// A header with a control byte in its value.
    #[error("header `{0}` has a control byte in its value; visible text would be right")]
    HeaderValue(Box<str>),
    /// A head of more headers than the limit.
    #[error("head has more than {max} headers")]
    TooManyHeaders {
        /// The limit, in header lines.
        max: usize,
    },
    /// A head over its limit.
    #[error("head is longer than {max} bytes")]
    HeadTooLong {
        /// The limit, in bytes.
        max: usize,
    },
    /// A head that did not arrive in time; made by whoever keeps the clock.
    #[error("request head did not arrive in time")]
    HeadTimeout,
    /// A body that did not arrive in time; made by whoever keeps the clock.
    #[error("request body did not arrive in time")]
    BodyTimeout,
    /// A body that drips; made by whoever keeps the clock.
    #[error("request body arrives more slowly than {rate_min} bytes a second")]
    BodyTooSlow {
        /// The least rate, in bytes a second.
        rate_min: usize,
    },
    /// An HTTP/1.1 request without a `Host`.
    #[error("request has no `Host`; HTTP/1.1 needs exactly one")]
    HostMissing,
    /// A request with two of them.
    #[error("request has more than one `Host`; exactly one is right")]
    HostRepeated,
    /// A host that is neither a name nor an address, with an optional port.
    #[error("host `{0}` is not a name or an address with an optional port")]
    Host(Box<str>),
    /// A length that is not a number of bytes.
    #[error("content length `{0}` is not a number of bytes in decimal digits")]
    ContentLength(Box<str>),
    /// A second length, even if it is the same.
    #[error("message has more than one `Content-Length`; one is right")]
    ContentLengthRepeated,
    /// Two ways to find the end of one body.
    #[error("message has a `Content-Length` and a `Transfer-Encoding`; one of them is right")]
    LengthAndChunked,
    /// A transfer coding other than `chunked`, in chunks.
    #[error("transfer coding `{0}` is not spoken here; `chunked` alone would be right")]
    TransferEncoding(Box<str>),
    /// A list of codings that `chunked` does not end, so that nothing ends the body.
    #[error("transfer encoding ends with `{0}`; `chunked` alone would be right")]
    TransferEncodingEndless(Box<str>),
    /// `chunked` more than once, or a list with holes.
    #[error("transfer encoding `{0}` is malformed; `chunked`, once, would be right")]
    TransferEncodingMalformed(Box<str>),
    /// A transfer coding in a version that has none.
    #[error("`Transfer-Encoding` in an HTTP/1.0 message; `Content-Length` would be right")]
    TransferEncodingTooEarly,
    /// A request of HTTP/1.0 that must have a body, and does not say how long it is (RFC 1945,
    /// section 8.3): the end of the connection cannot say it, for the answer needs it.
    #[error("{method} of HTTP/1.0 has no `Content-Length`; its body's length in bytes is needed")]
    LengthRequired {
        /// The method.
        method: Box<str>,
    },
    /// An expectation other than `100-continue`.
    #[error("expectation `{0}` is unknown; `100-continue` is the only one")]
    Expectation(Box<str>),
    /// A body over its limit.
    #[error("body is longer than {max} bytes")]
    BodyTooLong {
        /// The limit, in bytes.
        max: u64,
    },
    /// A byte in a chunk's size line that does not belong there.
    #[error("chunk size has `{0}`; up to 16 hexadecimal digits and CR LF are right")]
    ChunkSize(Box<str>),
    /// A chunk that goes on after its announced size.
    #[error("chunk has `{0}` after its data; CR LF would be right")]
    ChunkEnd(Box<str>),
    /// More chunk extensions than anyone has use for.
    #[error("chunk extensions of the body are longer than {max} bytes")]
    ExtensionsTooLong {
        /// The limit, in bytes a body.
        max: usize,
    },
    /// A byte among the trailers that does not belong there.
    #[error("trailers have `{0}` where it does not belong; `Name: value` and CR LF are right")]
    Trailer(Box<str>),
    /// Trailers over their limit.
    #[error("trailers are longer than {max} bytes")]
    TrailersTooLong {
        /// The limit, in bytes.
        max: usize,
    },
    /// An end of input before the end of a body of known length.
    #[error("body ended after {got} of {expected} bytes")]
    BodyCut {
        /// Bytes that came.
        got: u64,
        /// Bytes announced.
        expected: u64,
    },
    /// An end of input before the last chunk.
    #[error("chunked body ended after {got} bytes, before its last chunk")]
    ChunksCut {
        /// Bytes of data that came.
        got: u64,
    },
}

impl Fault {
    /// The status that tells the client about it; 502 for faults that only a server commits.
    pub fn status(&self) -> u16 {
        match self {
            Self::HeadTimeout | Self::BodyTimeout | Self::BodyTooSlow { .. } => 408,
            Self::LengthRequired { .. } => 411,
            Self::BodyTooLong { .. } => 413,
            Self::TargetTooLong { .. } => 414,
            Self::Expectation(_) => 417,
            Self::HeadTooLong { .. }
            | Self::TooManyHeaders { .. }
            | Self::TrailersTooLong { .. } => 431,
            Self::MethodTooLong { .. } | Self::Connect | Self::TransferEncoding(_) => 501,
            Self::StatusLine(_) => 502,
            Self::VersionUnsupported(_) => 505,
            _ => 400,
        }
    }
}

/// What was seen, fit to print: escaped, and shortened in the middle.
pub(super) fn excerpt(seen: &[u8]) -> Box<str> {
    if seen.len() <= EXCERPT_BEGINNING_BYTES + EXCERPT_END_BYTES {
        return seen.escape_ascii().to_string().into();
    }
    let beginning = seen[..EXCERPT_BEGINNING_BYTES].escape_ascii();
    let end = seen[seen.len() - EXCERPT_END_BYTES..].escape_ascii();
    format!("{beginning}...{end}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_was_seen_and_what_would_be_right() {
        let fault = Fault::ContentLength(excerpt(b"+5"));
        assert_eq!(
            fault.to_string(),
            "content length `+5` is not a number of bytes in decimal digits"
        );
        assert_eq!(fault.status(), 400);
    }

    #[test]
    fn an_excerpt_is_printable_and_short() {
        assert_eq!(&*excerpt(b"\x16\x03 hi\r"), r"\x16\x03 hi\r");
        let long = [&[b'a'; 1000][..], b"\0"].concat();
        assert_eq!(&*excerpt(&long), r"aaaaaaaaaaaaaaaaaaaaaaaa...aaaaaaaaaaaaaaa\x00");
    }

    #[test]
    fn a_fault_is_small_enough_to_return_by_value() {
        assert!(size_of::<Fault>() <= 24, "{} bytes", size_of::<Fault>());
    }
}
