//! Heads of HTTP: what is asked, as browsers do, and what is read of the answer.

/// Bytes of a browser's shortest head, which all that are asked here have at least.
const HEAD_BYTES: usize = 200;

/// Asks for a WebSocket.
pub fn websocket(path: &str, is_packed: bool) -> String {
    let offer = match is_packed {
        true => {
            "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; \
             server_no_context_takeover\r\n"
        }
        false => "",
    };
    filled(format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\
         Origin: http://localhost\r\n{offer}"
    ))
}

/// Asks for a stream of events.
pub fn events(path: &str) -> String {
    filled(format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\
         Cache-Control: no-cache\r\n"
    ))
}

/// Asks for a page; `is_last` closes the connection.
pub fn get(path: &str, is_last: bool) -> String {
    let close = if is_last { "Connection: close\r\n" } else { "" };
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n{close}\r\n")
}

/// Announces a body of so many bytes.
pub fn post(path: &str, body_bytes: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\
         Content-Length: {body_bytes}\r\n\r\n"
    )
}

/// Ends a head, with as long a name of a browser as it has room for.
fn filled(mut head: String) -> String {
    let around = "User-Agent: \r\n\r\n".len();
    let room = HEAD_BYTES.saturating_sub(head.len() + around).max(1);
    let name: String = BROWSER.chars().cycle().take(room).collect();
    head.push_str(&format!("User-Agent: {}\r\n\r\n", name.replace(' ', "_")));
    head
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:149.0) Gecko/20100101 Firefox/149.0 ";

/// The key of RFC 6455, section 1.3, and what it is to be answered with.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The head of an answer.
#[derive(Debug)]
pub struct Head<'a> {
    text: &'a str,
    /// Bytes it takes with the empty line.
    pub bytes: usize,
}

impl<'a> Head<'a> {
    /// Reads the head that `heard` begins with; `None` until all of it has come.
    pub fn read(heard: &'a [u8]) -> Option<Self> {
        let bytes = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
        Some(Self { text: std::str::from_utf8(&heard[..bytes]).ok()?, bytes })
    }

    pub fn status(&self) -> Option<u16> {
        self.text.split(' ').nth(1)?.parse().ok()
    }

    /// The value of a header.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.text.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// Whether it opens the WebSocket that was asked for.
    pub fn opens_websocket(&self, is_packed: bool) -> bool {
        let extensions = self.value("Sec-WebSocket-Extensions").unwrap_or_default();
        self.status() == Some(101)
            && self.value("Sec-WebSocket-Accept") == Some(ACCEPT)
            && extensions.contains("permessage-deflate") == is_packed
    }

    /// Whether it opens a stream of events.
    pub fn opens_events(&self) -> bool {
        let kind = self.value("Content-Type").unwrap_or_default();
        self.status() == Some(200) && kind.starts_with("text/event-stream")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_as_long_as_a_browsers() {
        for path in ["/echo", "/tick"] {
            assert_eq!(websocket(path, false).len(), HEAD_BYTES, "{path}");
        }
        assert_eq!(events("/events").len(), HEAD_BYTES);
        assert!(websocket("/subscribe-deflate", true).ends_with("\r\n\r\n"));
    }

    #[test]
    fn an_answer_is_read_when_its_head_is_whole() {
        let answer =
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nContent-Type:text/plain\r\n\r\nhello";
        for cut in 0..answer.len() - 5 {
            assert!(Head::read(&answer[..cut]).is_none(), "cut at {cut}");
        }
        let head = Head::read(answer).expect("it is whole");
        assert_eq!((head.status(), head.bytes), (Some(200), answer.len() - 5));
        assert_eq!(head.value("Content-Length"), Some("5"));
        assert_eq!(head.value("content-type"), Some("text/plain"));
        assert_eq!(head.value("Date"), None);
    }

    #[test]
    fn only_what_was_agreed_opens_a_websocket() {
        let head = |lines: &str| format!("HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n");
        let accept = format!("Sec-WebSocket-Accept: {ACCEPT}\r\n");
        let packed = format!("{accept}Sec-WebSocket-Extensions: permessage-deflate\r\n");
        for (lines, is_packed, opens) in [
            (accept.as_str(), false, true),
            (&accept, true, false),
            (&packed, true, true),
            (&packed, false, false),
            ("Sec-WebSocket-Accept: anything\r\n", false, false),
        ] {
            let head = head(lines);
            let head = Head::read(head.as_bytes()).expect("it is whole");
            assert_eq!(head.opens_websocket(is_packed), opens, "{lines}");
        }
    }
}
