//! A small client over plain sockets, and the example it talks to, running as a process.
//!
//! Every wait is a read with a deadline: what does not come in time fails the test that waits.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crampon::protocol::http::{
    BodyDecoder, BodyLength, HeadLimits, Method, ResponseHead, ResponseHeads, encode_request_head,
};
use crampon::protocol::sse::{self, Item};
use crampon::protocol::websocket::{self, Role, masked};
use rustix::process::{Pid, Signal, kill_process};

/// How long a test waits for anything: far beyond what a busy machine needs.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Bytes of one answer, event or message in these tests.
const BYTES_MAX: usize = 1 << 20;

/// An example, running on a port of its own.
pub struct Example {
    child: Child,
    address: SocketAddr,
    log: Receiver<String>,
}

impl Example {
    /// Starts an example and waits for the line that says where it listens.
    pub fn start(name: &str, args: &[&str]) -> Self {
        let mut child = Command::new(binary(name))
            .args(["--port", "0"])
            .args(args)
            .env_remove("RUST_LOG")
            .env_remove("CRAMPON_ENV")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("`{name}` does not start: {error}"));
        let log = lines_of(child.stderr.take().expect("standard error is piped"));
        let address = loop {
            match log.recv_timeout(DEADLINE) {
                Ok(line) => {
                    if let Some(address) = address_in(&line) {
                        break address;
                    }
                }
                Err(_) => panic!("`{name}` does not say where it listens"),
            }
        };
        Self { child, address, log }
    }

    /// Asks it to stop, and expects it to leave in good order.
    pub fn stop(mut self) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).expect("the example still runs");
        let patience = Instant::now() + DEADLINE;
        // Standard error ends when the process does.
        while self.log.recv_timeout(patience - Instant::now()).is_ok() {}
        let status = self.child.wait().expect("it is our child");
        assert!(status.success(), "the example ended with {status}");
    }

    /// Sends a request, and reads the whole answer.
    pub fn ask(&self, method: Method, target: &str, body: &[u8]) -> Answer {
        let length = match method {
            Method::GET | Method::HEAD => BodyLength::None,
            _ => BodyLength::Length(body.len() as u64),
        };
        let mut wire = Wire::open(self.address, &method, target, &[("connection", "close")], length);
        wire.send(body);
        wire.answer(&method)
    }

    /// Asks for something and reads the whole answer.
    pub fn get(&self, target: &str) -> Answer {
        self.ask(Method::GET, target, b"")
    }

    /// Sends something and reads the whole answer.
    pub fn post(&self, target: &str, body: &str) -> Answer {
        self.ask(Method::POST, target, body.as_bytes())
    }

    /// Sends a request, with the body still to be said and the answer to be heard.
    pub fn open(&self, method: &Method, target: &str, body: BodyLength) -> Wire {
        Wire::open(self.address, method, target, &[], body)
    }

    /// Opens an event stream, behind the event `last_seen`.
    pub fn events(&self, target: &str, last_seen: Option<u64>) -> Events {
        let id = last_seen.map(|id| id.to_string());
        let headers = [("accept", "text/event-stream"), ("last-event-id", id.as_deref().unwrap_or(""))];
        let headers = &headers[..if id.is_some() { 2 } else { 1 }];
        let mut wire = Wire::open(self.address, &Method::GET, target, headers, BodyLength::None);
        let head = wire.head();
        assert_eq!(head.status(), 200, "{target} is a stream of events");
        assert_eq!(head.header_text("content-type"), Some("text/event-stream; charset=utf-8"));
        let items = Vec::new().into_iter();
        Events { wire, decoder: sse::Decoder::new(BYTES_MAX), items, retry: None }
    }

    /// Opens a WebSocket.
    pub fn socket(&self, target: &str) -> Socket {
        let headers = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let mut wire = Wire::open(self.address, &Method::GET, target, &headers, BodyLength::None);
        let head = wire.head();
        assert_eq!(head.status(), 101, "{target} is a WebSocket");
        let accept = head.header_text("sec-websocket-accept");
        assert_eq!(accept, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        Socket { wire, decoder: websocket::Decoder::new(Role::Client, BYTES_MAX) }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // After `stop` it has gone, and there is nobody to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where cargo puts an example that it has built for the tests.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows itself");
    let target = test.ancestors().nth(2).expect("a test lies in `deps`");
    target.join("examples").join(name)
}

/// Reads lines on a thread until there are no more, so that the child never waits to be heard.
fn lines_of(stderr: ChildStderr) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // Who no longer listens still wants the pipe drained.
            let _ = sender.send(line);
        }
    });
    lines
}

/// The address in a line of the log, without the colours a terminal would show.
fn address_in(line: &str) -> Option<SocketAddr> {
    let start = line.find("127.0.0.1:")?;
    let rest = &line[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit() && !".:".contains(c)).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: ResponseHead,
    pub body: String,
}

impl Answer {
    /// A header of the answer, `""` if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.head.header_text(name).unwrap_or_default()
    }
}

/// One request on one connection: what was read from it and not yet looked at.
pub struct Wire {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Wire {
    fn open(
        address: SocketAddr,
        method: &Method,
        target: &str,
        headers: &[(&str, &str)],
        body: BodyLength,
    ) -> Self {
        let stream = TcpStream::connect_timeout(&address, DEADLINE).expect("the example listens");
        stream.set_read_timeout(Some(DEADLINE)).expect("30 s are a timeout");
        let mut wire = Self { stream, input: Vec::new() };
        let mut request = Vec::new();
        let host = address.to_string();
        encode_request_head(&mut request, method, target, &host, headers.iter().copied(), body);
        wire.send(&request);
        wire
    }

    /// Sends more of the body, as it is.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the example reads");
    }

    /// Reads the head of the answer.
    pub fn head(&mut self) -> ResponseHead {
        let mut heads = ResponseHeads::new();
        loop {
            match heads.decode(&self.input, &HeadLimits::default()).expect("an HTTP answer") {
                Some((head, length)) => {
                    self.input.drain(..length);
                    return head;
                }
                None => assert!(self.read(), "the connection ended before the answer"),
            }
        }
    }

    /// Reads the whole answer.
    pub fn answer(&mut self, method: &Method) -> Answer {
        let head = self.head();
        let mut decoder = BodyDecoder::response(head.body(method), BYTES_MAX as u64)
            .expect("a body of ordinary length");
        let mut body = Vec::new();
        while !decoder.is_done() {
            let part = decoder.decode(&self.input).expect("a well-formed body");
            body.extend_from_slice(part.data);
            let consumed = part.consumed;
            self.input.drain(..consumed);
            if consumed == 0 && !self.read() {
                decoder.finish().expect("the whole body");
                break;
            }
        }
        let body = String::from_utf8(body).expect("text");
        Answer { status: head.status().as_u16(), head, body }
    }

    /// Whether something arrives within `patience`; it is kept.
    pub fn hears_within(&mut self, patience: Duration) -> bool {
        self.stream.set_read_timeout(Some(patience)).expect("patience is not zero");
        let mut bytes = [0; 4096];
        let heard = match self.stream.read(&mut bytes) {
            Ok(length) => {
                self.input.extend_from_slice(&bytes[..length]);
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => false,
            Err(error) => panic!("the connection broke: {error}"),
        };
        self.stream.set_read_timeout(Some(DEADLINE)).expect("30 s are a timeout");
        heard
    }

    /// Reads more; `false` at the end.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 16 * 1024];
        let length = self.stream.read(&mut bytes).expect("something, within the deadline");
        self.input.extend_from_slice(&bytes[..length]);
        length > 0
    }
}

/// An open stream of events.
pub struct Events {
    wire: Wire,
    decoder: sse::Decoder,
    items: std::vec::IntoIter<Item>,
    /// The last time to wait that the stream named.
    pub retry: Option<Duration>,
}

impl Events {
    /// Waits for the next event, or the end of the stream.
    pub fn next_event(&mut self) -> Option<sse::Event> {
        loop {
            match self.items.next() {
                Some(Item::Event(event)) => return Some(event),
                Some(Item::Retry(delay)) => self.retry = Some(delay),
                Some(Item::Comment(_)) => {}
                None => {
                    if self.wire.input.is_empty() && !self.wire.read() {
                        return None;
                    }
                    let bytes = std::mem::take(&mut self.wire.input);
                    self.items = self.decoder.feed(&bytes).expect("short events").into_iter();
                }
            }
        }
    }
}

/// An open WebSocket.
pub struct Socket {
    wire: Wire,
    decoder: websocket::Decoder,
}

/// What a server said on a socket.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    Text(String),
    Closed(u16),
}

impl Socket {
    /// Sends a text message.
    pub fn send(&mut self, text: &str) {
        let mut frame = Vec::new();
        masked::encode_text(&mut frame, [1, 2, 3, 4], text);
        self.wire.send(&frame);
    }

    /// Sends a binary message.
    pub fn send_binary(&mut self, bytes: &[u8]) {
        let mut frame = Vec::new();
        masked::encode_binary(&mut frame, [1, 2, 3, 4], bytes);
        self.wire.send(&frame);
    }

    /// Waits for the next text.
    pub fn text(&mut self) -> String {
        match self.heard() {
            Said::Text(text) => text,
            Said::Closed(code) => panic!("the socket was closed with {code}"),
        }
    }

    /// Waits for the next text or the end.
    pub fn heard(&mut self) -> Said {
        loop {
            let decoded = self.decoder.decode(&mut self.wire.input).expect("well-formed frames");
            let consumed = decoded.consumed;
            let said = match decoded.event {
                Some(websocket::Event::Text(text)) => Some(Said::Text(text.to_owned())),
                Some(websocket::Event::Close(close)) => {
                    Some(Said::Closed(close.map_or(1005, |close| close.code)))
                }
                _ => None,
            };
            self.wire.input.drain(..consumed);
            if let Some(said) = said {
                return said;
            }
            assert!(consumed > 0 || self.wire.read(), "the connection ended without a close frame");
        }
    }
}
