//! Answers as a strict client reads them. It shares no code with the server, and lets nothing pass
//! that the standard does not have a server send.

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Reads the answer at the front, or returns `None` until all of it is there.
///
/// # Errors
/// What is wrong with it.
pub fn read(
    bytes: &[u8],
    is_to_head: bool,
    has_ended: bool,
) -> Result<Option<(Response, usize)>, String> {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "the head is not ASCII")?;
    let mut lines = head.split("\r\n");
    let status = status(lines.next().unwrap_or_default())?;
    let headers = lines.map(header).collect::<Result<Vec<_>, _>>()?;
    let mut response = Response { status, headers, body: Vec::new() };
    response.check()?;
    let start = end + 4;
    let rest = &bytes[start..];
    let body = match response.framing(is_to_head)? {
        Framing::Length(length) if rest.len() < length => None,
        Framing::Length(length) => Some((rest[..length].to_vec(), length)),
        Framing::Chunked => chunks(rest)?,
        Framing::Close => has_ended.then(|| (rest.to_vec(), rest.len())),
    };
    Ok(body.map(|(body, bytes)| {
        response.body = body;
        (response, start + bytes)
    }))
}

enum Framing {
    Length(usize),
    Chunked,
    Close,
}

impl Response {
    /// The value of a header that is there once.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    fn has(&self, name: &str, token: &str) -> bool {
        let list = self.header(name).unwrap_or_default();
        list.split(',').any(|element| element.trim().eq_ignore_ascii_case(token))
    }

    /// Whether it says that the connection ends with it.
    pub fn says_close(&self) -> bool {
        self.has("connection", "close")
    }

    /// What an answer of this status must have, and what none may.
    fn check(&self) -> Result<(), String> {
        for (at, (name, _)) in self.headers.iter().enumerate() {
            let is_again = self.headers[..at].iter().any(|(known, _)| known == name);
            if is_again && name != "set-cookie" {
                return Err(format!("`{name}` is there twice"));
            }
        }
        let demands: &[(&str, bool)] = &[
            ("a date", self.status < 200 || self.header("date").is_some_and(is_date)),
            ("`Allow`", self.status != 405 || self.header("allow").is_some()),
            ("an upgrade", !matches!(self.status, 101 | 426) || self.names_upgrade()),
            ("the key's answer", self.status != 101 || self.header(ACCEPT).is_some()),
        ];
        match demands.iter().find(|(_, is_met)| !is_met) {
            Some((what, _)) => Err(format!("{} without {what}: {:?}", self.status, self.headers)),
            None => Ok(()),
        }
    }

    fn names_upgrade(&self) -> bool {
        self.header("upgrade").is_some() && self.has("connection", "upgrade")
    }

    fn framing(&self, is_to_head: bool) -> Result<Framing, String> {
        let length = self.header("content-length");
        let coding = self.header("transfer-encoding");
        let is_bare = self.status < 200 || self.status == 204;
        if is_bare && (length.is_some() || coding.is_some()) {
            return Err(format!("{} says how long its body is", self.status));
        }
        if self.status == 304 && coding.is_some() {
            return Err("304 with a coding".into());
        }
        match (length, coding) {
            (Some(_), Some(_)) => Err("a length and a coding".into()),
            _ if is_bare || is_to_head || self.status == 304 => Ok(Framing::Length(0)),
            (Some(length), None) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(Framing::Length(length.parse().map_err(|_| "a length past all bounds")?))
            }
            (Some(length), None) => Err(format!("the length `{length}`")),
            (None, Some("chunked")) => Ok(Framing::Chunked),
            (None, Some(coding)) => Err(format!("the coding `{coding}`")),
            (None, None) if self.says_close() => Ok(Framing::Close),
            (None, None) => Err("a body without an end".into()),
        }
    }
}

const ACCEPT: &str = "sec-websocket-accept";

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

/// `HTTP/1.1`, three digits, and words that may be missing.
fn status(line: &str) -> Result<u16, String> {
    let fault = || format!("the status line `{}`", line.escape_debug());
    let (status, words) =
        line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split_once(' ')).ok_or_else(fault)?;
    let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let are_words = words.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    match status.parse() {
        Ok(status) if is_status && are_words && (100..600).contains(&status) => Ok(status),
        _ => Err(fault()),
    }
}

/// A token, a colon, one space, visible text.
fn header(line: &str) -> Result<(String, String), String> {
    let fault = || format!("the header line `{}`", line.escape_debug());
    let (name, value) = line.split_once(':').ok_or_else(fault)?;
    let value = value.strip_prefix(' ').ok_or_else(fault)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_text = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if name.is_empty() || !name.bytes().all(is_name) || !value.bytes().all(is_text) {
        return Err(fault());
    }
    if value.trim() != value {
        return Err(fault());
    }
    Ok((name.to_ascii_lowercase(), value.to_owned()))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn is_date(text: &str) -> bool {
    let shape = "Aaa, 00 Aaa 0000 00:00:00 GMT";
    text.len() == shape.len()
        && text.chars().zip(shape.chars()).all(|(seen, right)| match right {
            '0' => seen.is_ascii_digit(),
            'A' => seen.is_ascii_uppercase(),
            'a' => seen.is_ascii_lowercase(),
            right => seen == right,
        })
}

/// Chunks without extensions and trailers, and how many bytes they are.
fn chunks(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(line) = find(&bytes[at..], b"\r\n") else { return Ok(None) };
        let digits = &bytes[at..at + line];
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(format!("the chunk size `{}`", digits.escape_ascii()));
        }
        let size = std::str::from_utf8(digits).map_err(|_| "a size that is no text")?;
        let size = usize::from_str_radix(size, 16).map_err(|_| "a size past all bounds")?;
        let start = at + line + 2;
        let Some(chunk) = bytes.get(start..start + size + 2) else { return Ok(None) };
        let (data, end) = chunk.split_at(size);
        if end != b"\r\n" {
            return Err(format!("`{}` behind a chunk", end.escape_ascii()));
        }
        body.extend_from_slice(data);
        at = start + size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}

#[test]
fn the_reader_lets_nothing_pass() {
    let date = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let whole = |head: &str, rest: &str| {
        let bytes = format!("{head}\r\n{date}{rest}");
        read(bytes.as_bytes(), false, true).map(|found| found.is_some())
    };
    let line = "HTTP/1.1 200 OK";
    assert_eq!(whole(line, "content-length: 2\r\n\r\nhi"), Ok(true));
    assert_eq!(whole(line, "content-length: 3\r\n\r\nhi"), Ok(false));
    assert_eq!(whole(line, "transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"), Ok(true));
    assert_eq!(whole(line, "transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n"), Ok(false));
    assert_eq!(whole(line, "connection: close\r\n\r\nhi"), Ok(true));
    for (head, rest) in [
        ("HTTP/1.0 200 OK", "content-length: 0\r\n\r\n"),
        ("HTTP/1.1 200", "content-length: 0\r\n\r\n"),
        (line, "\r\nhi"),
        (line, "content-length: 0\r\ncontent-length: 0\r\n\r\n"),
        (line, "content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        (line, "content-length:0\r\n\r\n"),
        (line, "x: a\0\r\ncontent-length: 0\r\n\r\n"),
        (line, "transfer-encoding: chunked\r\n\r\n2;a\r\nhi\r\n0\r\n\r\n"),
        (line, "transfer-encoding: chunked\r\n\r\n2\r\nhi!\r\n0\r\n\r\n"),
        ("HTTP/1.1 204 No Content", "content-length: 0\r\n\r\n"),
        ("HTTP/1.1 405 Method Not Allowed", "content-length: 0\r\n\r\n"),
        ("HTTP/1.1 426 Upgrade Required", "content-length: 0\r\n\r\n"),
    ] {
        assert!(whole(head, rest).is_err(), "{head} {rest}");
    }
    assert!(read(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false, true).is_err(), "no date");
}
