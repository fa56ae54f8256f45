//! An HTTP client: one connection, one request after another.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crampon::protocol::http::{
    BodyDecoder, BodyLength, HeadLimits, Method, ResponseHead, ResponseHeads, encode_chunk,
    encode_last_chunk, encode_request_head,
};

use super::{BYTES_MAX, PATIENCE};

/// A connection that speaks HTTP.
pub struct Http {
    pub(super) stream: TcpStream,
    pub(super) host: String,
    /// What arrived and is not dealt with.
    pub(super) input: Vec<u8>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: ResponseHead,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the answer is text")
    }

    pub fn header(&self, name: &str) -> &str {
        self.head.header_text(name).unwrap_or_default()
    }
}

/// Asks once, on a connection of its own.
pub fn get(to: SocketAddr, target: &str) -> Answer {
    Http::connect(to).ask(&Method::GET, target, &[], None)
}

/// Posts once, on a connection of its own.
pub fn post(to: SocketAddr, target: &str, body: &[u8]) -> Answer {
    Http::connect(to).ask(&Method::POST, target, &[], Some(body))
}

impl Http {
    pub fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("the patience is not zero");
        stream.set_write_timeout(Some(PATIENCE)).expect("the patience is not zero");
        stream.set_nodelay(true).expect("it is a TCP stream");
        Self { stream, host: to.to_string(), input: Vec::new() }
    }

    /// Sends a request, and reads the whole answer.
    pub fn ask(
        &mut self,
        method: &Method,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        let length = body.map_or(BodyLength::None, |body| BodyLength::Length(body.len() as u64));
        self.send_head(method, target, headers, length);
        self.try_send(body.unwrap_or_default());
        self.answer(method)
    }

    /// Sends a chunk so many times, and reads the answer.
    pub fn pour_chunks(&mut self, chunk: &[u8], times: usize) -> Answer {
        let mut out = Vec::new();
        encode_chunk(&mut out, chunk);
        for _ in 0..times {
            self.try_send(&out);
        }
        self.answer(&Method::POST)
    }

    /// Posts a body in these chunks, and reads the whole answer.
    pub fn post_chunks(&mut self, target: &str, chunks: &[&[u8]]) -> Answer {
        self.send_head(&Method::POST, target, &[], BodyLength::Chunked);
        let mut out = Vec::new();
        for chunk in chunks {
            encode_chunk(&mut out, chunk);
        }
        encode_last_chunk(&mut out, std::iter::empty::<(&str, &[u8])>());
        self.send(&out);
        self.answer(&Method::POST)
    }

    pub fn send_head(
        &mut self,
        method: &Method,
        target: &str,
        headers: &[(&str, &str)],
        body: BodyLength,
    ) {
        let mut out = Vec::new();
        encode_request_head(&mut out, method, target, &self.host, headers.iter().copied(), body);
        self.send(&out);
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server takes it");
    }

    /// Sends as much as the server takes: one that refuses a request has answered before its end.
    pub fn try_send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Has every read wait so long.
    pub fn wait_up_to(&mut self, patience: Duration) {
        self.stream.set_read_timeout(Some(patience)).expect("the patience is not zero");
    }

    /// Reads a whole answer.
    pub fn answer(&mut self, to: &Method) -> Answer {
        let head = self.answer_head();
        let mut decoder = BodyDecoder::response(head.body(to), BYTES_MAX as u64)
            .expect("the answer is not too long");
        let mut body = Vec::new();
        loop {
            let part = decoder.decode(&self.input).expect("the body is well framed");
            body.extend_from_slice(part.data);
            let (consumed, is_done) = (part.consumed, part.is_done);
            self.input.drain(..consumed);
            if is_done {
                break;
            }
            if consumed == 0 && !self.read_more() {
                decoder.finish().expect("the body ends before the connection");
                break;
            }
        }
        Answer { status: head.status().as_u16(), head, body }
    }

    /// Reads the head of an answer.
    pub fn answer_head(&mut self) -> ResponseHead {
        let mut heads = ResponseHeads::new();
        loop {
            let found = heads.decode(&self.input, &HeadLimits::default());
            if let Some((head, length)) = found.expect("the head is well formed") {
                self.input.drain(..length);
                if head.status().as_u16() != 100 {
                    return head;
                }
            } else {
                assert!(self.read_more(), "the connection ended before an answer");
            }
        }
    }

    /// Reads what comes next; `false` at the end.
    pub fn read_more(&mut self) -> bool {
        let mut buffer = [0; 64 << 10];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => {
                self.input.extend_from_slice(&buffer[..length]);
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("nothing came: {error}"),
        }
    }
}
