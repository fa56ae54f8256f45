//! A browser: one connection to the server, and what has arrived on it.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crampon::protocol::http::{BodyDecoder, HeadLimits, Method, ResponseHead, ResponseHeads};

use socket2::{Domain, Socket, Type};

use crate::{Answer, PATIENCE, Request};

/// Bytes of a narrow client's receive buffer.
const NARROW_BYTES: usize = 16 * 1024;

/// A client's end of a connection.
pub struct Browser {
    stream: TcpStream,
    /// Arrived and not yet used.
    input: Vec<u8>,
}

impl Browser {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        Self::on(TcpStream::connect(address).expect("the server listens"))
    }

    /// Connects with little room for what is not read, so that the server soon feels it.
    pub fn connect_narrow(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
        let socket = socket.expect("descriptors are left");
        socket.set_recv_buffer_size(NARROW_BYTES).expect("the system grants less than usual");
        socket.connect(&address.into()).expect("the server listens");
        Self::on(socket.into())
    }

    /// Connects from another address than the system would choose.
    pub fn connect_from(source: [u8; 4], address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
        let socket = socket.expect("descriptors are left");
        socket.bind(&SocketAddr::from((source, 0)).into()).expect("it is an address of ours");
        socket.connect(&address.into()).expect("the server listens");
        Self::on(socket.into())
    }

    fn on(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("the stream is open");
        stream.set_write_timeout(Some(PATIENCE)).expect("the stream is open");
        stream.set_nodelay(true).expect("the stream is open");
        Self { stream, input: Vec::new() }
    }

    /// The stream itself.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("the server takes it");
    }

    /// Sends as much as the server takes: who refuses a request may not hear the end of it.
    pub fn pour(&mut self, bytes: impl AsRef<[u8]>) {
        drop(self.stream.write_all(bytes.as_ref()));
    }

    /// Sends a request and waits for the whole answer.
    #[track_caller]
    pub fn ask(&mut self, request: &Request) -> Answer {
        self.send(request.bytes());
        self.answer_to(request.method())
    }

    /// Asks for a path.
    pub fn get(&mut self, path: &str) {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
    }

    /// Sends a body to a path.
    pub fn post(&mut self, path: &str, body: &str) {
        let length = body.len();
        self.send(format!(
            "POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n{body}"
        ));
    }

    /// Sends no more, and still reads.
    pub fn half_close(&self) {
        self.stream.shutdown(Shutdown::Write).expect("the stream is open");
    }

    /// Goes with a reset.
    pub fn reset(self) {
        let socket = Socket::from(self.stream);
        socket.set_linger(Some(Duration::ZERO)).expect("the stream is open");
    }

    /// Has every read wait this long, instead of [`PATIENCE`].
    pub fn wait_up_to(&self, patience: Duration) {
        self.stream.set_read_timeout(Some(patience)).expect("the patience is not zero");
    }

    /// Whether anything comes, or the end, within `patience`; it is kept.
    pub fn hears_within(&self, patience: Duration) -> bool {
        let usual = self.stream.read_timeout().expect("the stream is open");
        self.wait_up_to(patience);
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_read_timeout(usual).expect("the stream is open");
        match peeked {
            Ok(_) => true,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                false
            }
            Err(error) => panic!("the connection broke: {error}"),
        }
    }

    /// Waits for more bytes; `false` at the end, in good order or by a reset.
    #[track_caller]
    pub fn read_more(&mut self) -> bool {
        let mut buffer = vec![0; 256 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(bytes) => {
                self.input.extend_from_slice(&buffer[..bytes]);
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("nothing came: {error}; so far: {}", self.shown()),
        }
    }

    /// Takes what has arrived, without waiting.
    pub fn take_arrived(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.input)
    }

    /// Takes so many bytes, waiting for them.
    #[track_caller]
    pub fn take(&mut self, bytes: usize) -> Vec<u8> {
        while self.input.len() < bytes {
            assert!(self.read_more(), "it ended before {bytes} bytes: {}", self.shown());
        }
        self.input.drain(..bytes).collect()
    }

    /// Takes what there is up to and with `mark`, waiting for it.
    #[track_caller]
    pub fn take_until(&mut self, mark: &str) -> String {
        loop {
            let found = self.input.windows(mark.len()).position(|bytes| bytes == mark.as_bytes());
            if let Some(at) = found {
                let bytes = self.take(at + mark.len());
                return String::from_utf8_lossy(&bytes).into_owned();
            }
            assert!(self.read_more(), "it ended before {mark:?}: {}", self.shown());
        }
    }

    /// Takes all until the server ends the connection.
    #[track_caller]
    pub fn take_all(&mut self) -> Vec<u8> {
        while self.read_more() {}
        self.take_arrived()
    }

    /// Waits for the server to end the connection without another byte.
    #[track_caller]
    pub fn expect_end(&mut self) {
        let rest = self.take_all();
        assert!(rest.is_empty(), "it should have ended: {}", rest.escape_ascii());
    }

    /// What the client can decode from what has arrived, waiting for more as long as it cannot.
    #[track_caller]
    pub fn decode<T>(&mut self, mut step: impl FnMut(&mut Vec<u8>) -> Option<T>) -> T {
        loop {
            if let Some(decoded) = step(&mut self.input) {
                return decoded;
            }
            assert!(self.read_more(), "it ended in the middle: {}", self.shown());
        }
    }

    /// The next response head.
    #[track_caller]
    pub fn head(&mut self) -> ResponseHead {
        let mut heads = ResponseHeads::new();
        self.decode(|input| {
            let (head, bytes) = heads.decode(input, &HeadLimits::default()).expect("it is HTTP")?;
            input.drain(..bytes);
            Some(head)
        })
    }

    /// The next answer, to a GET or a POST.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        self.answer_to(&Method::GET)
    }

    /// The next answer, to a request of this method.
    #[track_caller]
    pub fn answer_to(&mut self, method: &Method) -> Answer {
        let head = self.head();
        let mut decoder = BodyDecoder::response(head.body(method), u64::MAX).expect("no limit");
        let mut body = Vec::new();
        while !decoder.is_done() {
            let part = decoder.decode(&self.input).expect("the body is sound");
            body.extend_from_slice(part.data);
            let (consumed, is_done) = (part.consumed, part.is_done);
            self.input.drain(..consumed);
            if !is_done && consumed == 0 && !self.read_more() {
                decoder.finish().expect("the body is whole");
                break;
            }
        }
        Answer { head, body }
    }

    fn shown(&self) -> String {
        let end = &self.input[self.input.len().saturating_sub(400)..];
        format!("`{}`", end.escape_ascii())
    }
}
