//! Heads as they are sent, in both roles (RFC 9112, sections 3 to 6).
//!
//! Everything is appended to the caller's buffer; nothing is allocated besides its growth. Framing
//! and connection headers are ours alone: a caller's own would be a second way to read the message.

use http::{Method, StatusCode};

use super::{
    body_length::BodyLength,
    digits::push_decimal,
    grammar::{is_field_byte, is_target_byte, is_token},
    response_head::is_bodiless,
    version::Version,
};

/// Tells a client that waits before its body to go on (RFC 9110, section 10.1.1).
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How a response says where its body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`; in an answer to HEAD, the length that GET would have.
    Length(u64),
    /// `Transfer-Encoding: chunked`; never to an HTTP/1.0 client.
    Chunked,
    /// By the end of the connection, which is announced too.
    Close,
    /// Not at all: there is no body.
    None,
}

impl Framing {
    /// The framing of a body whose length is not known yet.
    pub fn streamed(version: Version) -> Self {
        match version {
            Version::Http10 => Self::Close,
            Version::Http11 => Self::Chunked,
        }
    }
}

/// What becomes of the connection after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// It waits for the next request; said aloud to HTTP/1.0 clients only.
    KeepAlive,
    /// It ends.
    Close,
    /// It speaks another protocol from here on.
    Upgrade,
}

/// Appends a response head.
///
/// `version` is the request's; the answer is HTTP/1.1 in any case (RFC 9110, section 2.5). `date` is
/// the time as HTTP writes it; if it is empty, no `Date` is sent. A 1xx or 204 has no framing,
/// whatever was asked for. Left out of `headers`: `Content-Length`, `Transfer-Encoding`,
/// `Connection` and `Date`. Control bytes in a value become spaces, so no value can end its line.
pub fn encode_response_head<N, V>(
    out: &mut Vec<u8>,
    status: StatusCode,
    headers: impl IntoIterator<Item = (N, V)>,
    framing: Framing,
    connection: Connection,
    version: Version,
    date: &str,
) where
    N: AsRef<str>,
    V: AsRef<[u8]>,
{
    debug_assert!(
        version == Version::Http11 || framing != Framing::Chunked,
        "HTTP/1.0 clients know no chunks: `Framing::streamed` chooses"
    );
    push_status_line(out, status);
    if !date.is_empty() {
        push_header(out, "date", date.as_bytes());
    }
    for (name, value) in headers {
        if !is_ours(name.as_ref()) && !name.as_ref().eq_ignore_ascii_case("date") {
            push_header(out, name.as_ref(), value.as_ref());
        }
    }
    let is_unframed = is_bodiless(status) && status != StatusCode::NOT_MODIFIED;
    let connection = match framing {
        _ if is_unframed => connection,
        Framing::Length(length) => {
            push_length(out, length);
            connection
        }
        Framing::Chunked => {
            out.extend_from_slice(b"transfer-encoding: chunked\r\n");
            connection
        }
        Framing::Close => Connection::Close,
        Framing::None => connection,
    };
    match connection {
        Connection::KeepAlive if version == Version::Http11 => {}
        Connection::KeepAlive => out.extend_from_slice(b"connection: keep-alive\r\n"),
        Connection::Close => out.extend_from_slice(b"connection: close\r\n"),
        Connection::Upgrade => out.extend_from_slice(b"connection: upgrade\r\n"),
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a request head.
///
/// Left out of `headers`: `Host`, `Content-Length` and `Transfer-Encoding`; a `Connection` is the
/// caller's. What a target may not hold is percent-encoded; control bytes in a value become spaces.
pub fn encode_request_head<N, V>(
    out: &mut Vec<u8>,
    method: &Method,
    target: &str,
    host: &str,
    headers: impl IntoIterator<Item = (N, V)>,
    body: BodyLength,
) where
    N: AsRef<str>,
    V: AsRef<[u8]>,
{
    out.extend_from_slice(method.as_str().as_bytes());
    out.push(b' ');
    push_target(out, target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    push_header(out, "host", host.as_bytes());
    for (name, value) in headers {
        let is_connection = name.as_ref().eq_ignore_ascii_case("connection");
        let is_host = name.as_ref().eq_ignore_ascii_case("host");
        if !is_host && (is_connection || !is_ours(name.as_ref())) {
            push_header(out, name.as_ref(), value.as_ref());
        }
    }
    match body {
        BodyLength::None => {}
        BodyLength::Length(length) => push_length(out, length),
        BodyLength::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
    }
    out.extend_from_slice(b"\r\n");
}

/// Whether a header of this name is written by the codec alone.
fn is_ours(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-length")
        || name.eq_ignore_ascii_case("transfer-encoding")
        || name.eq_ignore_ascii_case("connection")
}

fn push_status_line(out: &mut Vec<u8>, status: StatusCode) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(status.canonical_reason().unwrap_or("").as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn push_length(out: &mut Vec<u8>, length: u64) {
    out.extend_from_slice(b"content-length: ");
    push_decimal(out, length);
    out.extend_from_slice(b"\r\n");
}

/// Appends one header line.
pub(super) fn push_header(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    debug_assert!(!name.is_empty() && name.bytes().all(is_token), "`{name}` is no header name");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    let start = out.len();
    out.extend_from_slice(value);
    for byte in &mut out[start..] {
        if !is_field_byte(*byte) {
            *byte = b' ';
        }
    }
    out.extend_from_slice(b"\r\n");
}

fn push_target(out: &mut Vec<u8>, target: &str) {
    for byte in target.bytes() {
        if is_target_byte(byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(&percent_encoded(byte));
        }
    }
}

fn percent_encoded(byte: u8) -> [u8; 3] {
    let digits = b"0123456789ABCDEF";
    [b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]
}
