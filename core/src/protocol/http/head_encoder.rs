//! Heads as they are sent, in both roles (RFC 9112, sections 3 to 6).
//!
//! Everything is appended to the caller's buffer; nothing is allocated besides its growth. Framing
//! and connection headers are ours alone: a caller's own would be a second way to read the message.

use http::{Method, StatusCode};

use super::{
    body_length::BodyLength,
    date::Date,
    digits::push_decimal,
    grammar::{is_escape, is_field_byte, is_target_byte},
    header::Header,
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
    /// Not at all: for 1xx, 204 and 304, and for HEAD where the length is not known.
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
/// `version` is the request's; the answer is HTTP/1.1 in any case (RFC 9110, section 2.5). Without
/// a `date` no `Date` is sent. A 1xx or 204 has no framing, whatever was asked for. Left out of
/// `headers`: `Content-Length`, `Transfer-Encoding`, `Connection` and `Date`.
pub fn encode_response_head<'h, H: Into<Header<'h>>>(
    out: &mut Vec<u8>,
    status: StatusCode,
    headers: impl IntoIterator<Item = H>,
    framing: Framing,
    connection: Connection,
    version: Version,
    date: Option<&Date>,
) {
    debug_assert!(
        version == Version::Http11 || framing != Framing::Chunked,
        "HTTP/1.0 clients know no chunks: `Framing::streamed` chooses"
    );
    push_status_line(out, status);
    if let Some(date) = date {
        out.extend_from_slice(date.line());
    }
    for header in headers.into_iter().map(Into::into) {
        if !is_ours(header.name()) && !header.name().eq_ignore_ascii_case("date") {
            push_header(out, header);
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
/// caller's. What a target may not hold is percent-encoded; control bytes in the host are spaces.
pub fn encode_request_head<'h, H: Into<Header<'h>>>(
    out: &mut Vec<u8>,
    method: &Method,
    target: &str,
    host: &str,
    headers: impl IntoIterator<Item = H>,
    body: BodyLength,
) {
    out.extend_from_slice(method.as_str().as_bytes());
    out.push(b' ');
    push_target(out, target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    push_text(out, "host", host.as_bytes());
    for header in headers.into_iter().map(Into::into) {
        let is_connection = header.name().eq_ignore_ascii_case("connection");
        let is_host = header.name().eq_ignore_ascii_case("host");
        if !is_host && (is_connection || !is_ours(header.name())) {
            push_header(out, header);
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
    if status == StatusCode::OK {
        return out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    }
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
pub(in crate::protocol) fn push_header(out: &mut Vec<u8>, header: Header<'_>) {
    out.extend_from_slice(header.name().as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(header.value());
    out.extend_from_slice(b"\r\n");
}

/// Appends a header line of any text: what could end it is a space.
pub(in crate::protocol) fn push_text(out: &mut Vec<u8>, name: &'static str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    let start = out.len();
    out.extend_from_slice(value);
    for byte in &mut out[start..] {
        // Written in any case: without a branch it takes many bytes at once.
        *byte = if is_field_byte(*byte) { *byte } else { b' ' };
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a target; what none may hold is percent-encoded.
pub(in crate::protocol) fn push_target(out: &mut Vec<u8>, target: &str) {
    let bytes = target.as_bytes();
    let path_bytes = target.find('?').unwrap_or(bytes.len());
    for (at, &byte) in bytes.iter().enumerate() {
        // In a query it need not begin an escape: what was read as one is written so again.
        let is_lone = byte == b'%' && at < path_bytes && !is_escape(&bytes[at..]);
        if is_target_byte(byte) && !is_lone {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    fn date() -> Date {
        Date::at(std::time::UNIX_EPOCH + std::time::Duration::from_secs(784_111_777))
    }

    const NO_HEADERS: [Header<'_>; 0] = [];

    fn response(
        status: StatusCode,
        headers: &[(&'static str, &'static str)],
        framing: Framing,
        connection: Connection,
        version: Version,
    ) -> String {
        let mut out = Vec::new();
        let headers = headers.iter().map(|(name, value)| Header::of(name, value));
        encode_response_head(&mut out, status, headers, framing, connection, version, None);
        String::from_utf8(out).unwrap()
    }

    fn request(target: &str, headers: &[(&'static str, &'static str)], body: BodyLength) -> String {
        let mut out = Vec::new();
        let headers = headers.iter().map(|(name, value)| Header::of(name, value));
        encode_request_head(&mut out, &Method::POST, target, "a:80", headers, body);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_response_head_is_a_status_line_and_headers() {
        let mut out = Vec::new();
        encode_response_head(
            &mut out,
            StatusCode::OK,
            [Header::of("content-type", "text/plain")],
            Framing::Length(5),
            Connection::KeepAlive,
            Version::Http11,
            Some(&date()),
        );
        let right = "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
            content-type: text/plain\r\ncontent-length: 5\r\n\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), right);
    }

    #[test]
    fn headers_of_the_http_types_are_written_too() {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-a", http::HeaderValue::from_static("b"));
        let mut out = Vec::new();
        encode_response_head(
            &mut out,
            StatusCode::OK,
            &headers,
            Framing::None,
            Connection::KeepAlive,
            Version::Http11,
            None,
        );
        assert_eq!(out, b"HTTP/1.1 200 OK\r\nx-a: b\r\n\r\n");
    }

    #[test]
    fn framing_and_connection_are_said_as_version_and_status_need() {
        use Connection::{Close, KeepAlive, Upgrade};
        use Version::{Http10, Http11};
        let (zero, chunked, close) = (Framing::Length(0), Framing::Chunked, Framing::Close);
        for (status, framing, connection, version, lines) in [
            (200, zero, KeepAlive, Http11, "content-length: 0\r\n"),
            (200, zero, Close, Http11, "content-length: 0\r\nconnection: close\r\n"),
            (200, zero, KeepAlive, Http10, "content-length: 0\r\nconnection: keep-alive\r\n"),
            (200, zero, Close, Http10, "content-length: 0\r\nconnection: close\r\n"),
            (200, chunked, KeepAlive, Http11, "transfer-encoding: chunked\r\n"),
            (200, close, KeepAlive, Http11, "connection: close\r\n"),
            (200, close, KeepAlive, Http10, "connection: close\r\n"),
            (204, zero, KeepAlive, Http11, ""),
            (204, chunked, KeepAlive, Http11, ""),
            (304, Framing::Length(9), KeepAlive, Http11, "content-length: 9\r\n"),
            (304, Framing::None, KeepAlive, Http11, ""),
            (101, Framing::None, Upgrade, Http11, "connection: upgrade\r\n"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let head = response(status, &[], framing, connection, version);
            let (_, rest) = head.split_once("\r\n").unwrap();
            assert_eq!(rest, format!("{lines}\r\n"), "{status} {framing:?} {connection:?}");
        }
    }

    #[test]
    fn a_stream_is_chunked_for_those_who_know_chunks() {
        assert_eq!(Framing::streamed(Version::Http11), Framing::Chunked);
        assert_eq!(Framing::streamed(Version::Http10), Framing::Close);
    }

    #[test]
    fn a_status_without_a_name_has_none() {
        let status = StatusCode::from_u16(299).unwrap();
        let head = response(status, &[], Framing::None, Connection::KeepAlive, Version::Http11);
        assert_eq!(head, "HTTP/1.1 299 \r\n\r\n");
    }

    #[test]
    fn no_header_is_a_second_way_to_read_the_message() {
        let theirs = [
            ("Content-Length", "7"),
            ("transfer-encoding", "gzip"),
            ("Connection", "x"),
            ("Date", "now"),
            ("Host", "b"),
        ];
        let (close, none) = (Connection::KeepAlive, Framing::None);
        assert_eq!(
            response(StatusCode::OK, &theirs, none, close, Version::Http11),
            "HTTP/1.1 200 OK\r\nHost: b\r\n\r\n"
        );
        assert_eq!(
            request("/", &theirs, BodyLength::Length(5)),
            "POST / HTTP/1.1\r\nhost: a:80\r\nConnection: x\r\nDate: now\r\ncontent-length: 5\r\n\r\n"
        );
    }

    #[test]
    fn no_host_ends_its_line_and_no_target_ends_the_first() {
        let mut out = Vec::new();
        let host = "a\r\nSet-Cookie: b\0";
        encode_request_head(&mut out, &Method::GET, "/", host, NO_HEADERS, BodyLength::None);
        assert_eq!(out, b"GET / HTTP/1.1\r\nhost: a  Set-Cookie: b \r\n\r\n");
        assert_eq!(
            request("/a b\r\n\u{e9}#%41%4?%", &[], BodyLength::Chunked),
            "POST /a%20b%0D%0A%C3%A9%23%41%254?% HTTP/1.1\r\nhost: a:80\r\ntransfer-encoding: chunked\r\n\r\n"
        );
    }

    #[test]
    fn nothing_is_allocated_once_the_buffer_has_grown() {
        let mut out = Vec::with_capacity(256);
        let (before, date) = (out.as_ptr(), date());
        for _ in 0..100 {
            out.clear();
            encode_response_head(
                &mut out,
                StatusCode::OK,
                NO_HEADERS,
                Framing::Length(u64::MAX),
                Connection::Close,
                Version::Http11,
                Some(&date),
            );
        }
        assert_eq!((out.as_ptr(), out.capacity()), (before, 256));
    }
}
