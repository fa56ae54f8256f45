//! The first answers of a server, read in full: only who answers rightly is measured.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::frame::{CLOSE, Frame, PACKED, TEXT, masked, pack};
use crate::head::{self, Head};
use crate::opening::{SILENCE_MAX, Wire, connect, unexpected};
use crate::payload;
use crate::row::{Ask, Visit};
use crate::running::Running;

/// The bytes of what is asked again and again, and how many the answer has.
pub struct Unit {
    pub request: Vec<u8>,
    pub answer_bytes: usize,
}

impl Ask {
    /// Asks twice, and checks both answers.
    ///
    /// # Errors
    /// What the system says, or how the server answered instead.
    pub fn probe(self, server: &Running) -> io::Result<Unit> {
        let request = self.request();
        let mut stream = self.open(server)?;
        let mut answers = [0; 2];
        for answer_bytes in &mut answers {
            stream.write_all(&request)?;
            *answer_bytes = self.hear(&mut stream)?;
        }
        Ok(Unit { request, answer_bytes: always(answers)? })
    }

    /// Connects, asks once, and checks the answer.
    ///
    /// # Errors
    /// As for [`probe`](Self::probe).
    pub fn ask_once(self, server: &Running) -> io::Result<()> {
        let mut stream = self.open(server)?;
        stream.write_all(&self.request())?;
        self.hear(&mut stream).map(drop)
    }

    /// What it says.
    fn message(self) -> Vec<u8> {
        match self {
            Self::Echo { bytes } | Self::Post { bytes } => payload::text(bytes),
            Self::PackedEcho { bytes } => payload::json(bytes),
            Self::Get => Vec::new(),
        }
    }

    fn request(self) -> Vec<u8> {
        let message = self.message();
        match self {
            Self::Echo { .. } => masked(TEXT, &message),
            Self::PackedEcho { .. } => masked(TEXT | PACKED, &pack(&message)),
            Self::Get => head::get("/hello", false).into_bytes(),
            Self::Post { bytes } => {
                [head::post("/length", bytes).as_bytes(), &message[..]].concat()
            }
        }
    }

    /// Reads its answer, checks it, and says how many bytes it took.
    fn hear(self, stream: &mut TcpStream) -> io::Result<usize> {
        match self {
            Self::Echo { .. } => read_message(stream, TEXT, &self.message()),
            Self::PackedEcho { .. } => read_message(stream, TEXT | PACKED, &self.message()),
            Self::Get => read_page(stream, b"Hello, World!"),
            Self::Post { bytes } => read_page(stream, bytes.to_string().as_bytes()),
        }
    }

    /// Opens a connection to ask on.
    ///
    /// # Errors
    /// As for [`Wire::open`].
    pub fn open(self, server: &Running) -> io::Result<TcpStream> {
        match self {
            Self::Echo { .. } => Wire::WebSocket.open(server, "/echo"),
            Self::PackedEcho { .. } => Wire::Packed.open(server, "/deflate"),
            Self::Get | Self::Post { .. } => connect(server.address()),
        }
    }
}

/// Publishes twice to one subscriber, and checks that it hears both.
///
/// # Errors
/// As for [`Ask::probe`].
pub fn probe_fan_out(server: &Running, wire: Wire, bytes: usize) -> io::Result<Unit> {
    let message = match wire {
        Wire::Packed => payload::json(bytes),
        _ => payload::text(bytes),
    };
    let request = masked(TEXT, &message);
    let mut subscriber = wire.open(server, subscription(wire))?;
    let mut publisher = Wire::WebSocket.open(server, "/publish")?;
    // What is told to each who comes is no part of a message.
    read_all(&mut subscriber, QUIET)?;
    let mut answers = [0; 2];
    for answer_bytes in &mut answers {
        publisher.write_all(&request)?;
        *answer_bytes = match wire {
            Wire::Events => read_event(&mut subscriber, &message)?,
            Wire::WebSocket => read_message(&mut subscriber, TEXT, &message)?,
            Wire::Packed => read_message(&mut subscriber, TEXT | PACKED, &message)?,
        };
    }
    Ok(Unit { request, answer_bytes: always(answers)? })
}

/// The length that answers always have.
fn always(answers: [usize; 2]) -> io::Result<usize> {
    match answers {
        [first, second] if first == second => Ok(first),
        _ => Err(io::Error::other(format!("answers of different lengths: {answers:?}"))),
    }
}

/// Where it is heard what is published.
pub fn subscription(wire: Wire) -> &'static str {
    match wire {
        Wire::WebSocket => "/subscribe",
        Wire::Packed => "/subscribe-deflate",
        Wire::Events => "/events",
    }
}

impl Visit {
    /// Visits once, and checks that it goes as it should: the server closes.
    ///
    /// Returns what is said at first, how many bytes answer that, and what is said then.
    ///
    /// # Errors
    /// As for [`Ask::probe`].
    pub fn probe(self, server: &Running) -> io::Result<(Unit, Vec<u8>)> {
        match self {
            Self::Get => {
                let request = head::get("/hello", true).into_bytes();
                let mut stream = connect(server.address())?;
                stream.write_all(&request)?;
                let answer_bytes = read_page(&mut stream, b"Hello, World!")?;
                expect_end(&mut stream)?;
                Ok((Unit { request, answer_bytes }, Vec::new()))
            }
            Self::Handshake => {
                let request = head::websocket("/echo", false).into_bytes();
                let mut stream = connect(server.ws_address())?;
                stream.write_all(&request)?;
                let mut heard = Vec::new();
                let head = loop {
                    read_some(&mut stream, &mut heard)?;
                    if let Some(head) = Head::read(&heard) {
                        break head;
                    }
                };
                if !head.opens_websocket(false) {
                    return Err(unexpected("`/echo`", &heard));
                }
                let (answer_bytes, goodbye) = (head.bytes, masked(CLOSE, &NORMAL));
                stream.write_all(&goodbye)?;
                let mut heard = Vec::new();
                let is_close =
                    |heard: &[u8]| Frame::read(heard).is_some_and(|it| it.first == CLOSE);
                while !is_close(&heard) {
                    read_some(&mut stream, &mut heard)?;
                }
                expect_end(&mut stream)?;
                Ok((Unit { request, answer_bytes }, goodbye))
            }
        }
    }
}

/// That all is well (RFC 6455, section 7.4.1): 1000.
const NORMAL: [u8; 2] = [0x03, 0xe8];

/// Reads one message, and says how many bytes it took.
fn read_message(stream: &mut TcpStream, first: u8, message: &[u8]) -> io::Result<usize> {
    let mut heard = Vec::new();
    loop {
        read_some(stream, &mut heard)?;
        let Some(frame) = Frame::read(&heard) else { continue };
        let is_right = frame.first == first && frame.bytes == heard.len();
        return match frame.message().filter(|_| is_right).is_some_and(|said| said == message) {
            true => Ok(frame.bytes),
            false => Err(unexpected("a message", &heard)),
        };
    }
}

/// Reads one event, and says how many bytes it took, with what is around it.
fn read_event(stream: &mut TcpStream, message: &[u8]) -> io::Result<usize> {
    let event = [b"data: ", message, b"\n\n"].concat();
    let mut heard = Vec::new();
    while !heard.windows(event.len()).any(|bytes| bytes == event) {
        read_some(stream, &mut heard)?;
    }
    // What ends a chunk may come behind.
    Ok(heard.len() + read_all(stream, QUIET)?.len())
}

/// Reads one answer with a body, and says how many bytes it took.
fn read_page(stream: &mut TcpStream, body: &[u8]) -> io::Result<usize> {
    let mut heard = Vec::new();
    loop {
        read_some(stream, &mut heard)?;
        let Some(head) = Head::read(&heard) else { continue };
        let length = head.value("Content-Length").and_then(|length| length.parse::<usize>().ok());
        let is_right = head.status() == Some(200) && length == Some(body.len());
        if is_right && heard.len() < head.bytes + body.len() {
            continue;
        }
        return match is_right && heard[head.bytes..] == *body {
            true => Ok(heard.len()),
            false => Err(unexpected("a request", &heard)),
        };
    }
}

fn expect_end(stream: &mut TcpStream) -> io::Result<()> {
    match stream.read(&mut [0; 64]) {
        Ok(0) => Ok(()),
        Ok(_) => Err(io::Error::other("more was said after the last answer")),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            Err(io::Error::other("the connection was left open after the last answer"))
        }
        // A reset is an end too.
        Err(_) => Ok(()),
    }
}

fn read_some(stream: &mut TcpStream, heard: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 64 * 1024];
    match stream.read(&mut buffer) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(bytes) => {
            heard.extend_from_slice(&buffer[..bytes]);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            Err(unexpected("what was asked last", heard))
        }
        Err(error) => Err(error),
    }
}

/// Reads until nothing has come for so long.
fn read_all(stream: &mut TcpStream, quiet: Duration) -> io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(quiet))?;
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(bytes @ 1..) = stream.read(&mut buffer) {
        heard.extend_from_slice(&buffer[..bytes]);
    }
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    Ok(heard)
}

/// After so long nothing more comes that belongs to what came.
pub const QUIET: Duration = Duration::from_millis(50);
