//! One HTTP request and its answer, over a connection of its own.
//!
//! Enough to speak to WebDriver and to post an activity: bodies have a length, nothing is reused.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take.
///
/// 60 s: longer than any script a browser is given to wait in.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// What came back.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, empty when the answer announced none.
    pub body: String,
}

/// Sends `method path` with `body` to `port` on loopback and reads the answer.
pub fn exchange(port: u16, method: &str, path: &str, body: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    read_answer(&mut BufReader::new(stream))
}

fn read_answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status =
        line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| {
            io::Error::other(format!("`{}` is not a status line", line.trim_end()))
        })?;
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    String::from_utf8(body).map(|body| Answer { status, body }).map_err(io::Error::other)
}
