//! The workloads: what viewers say, and what is said to them.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crampon_benches::{open, sse_head, websocket_head};

/// One row of the table.
pub struct Workload {
    pub name: &'static str,
    pub kind: Kind,
    pub connections: usize,
    /// Messages in flight: on each connection, or from the one publisher.
    pub depth: usize,
}

/// What happens in a workload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// WebSocket messages come back.
    Echo,
    /// Requests are answered.
    Get,
    /// What one publishes, all WebSockets hear.
    WebsocketFanOut,
    /// What one publishes, all event streams hear.
    SseFanOut,
}

/// The bytes of one message.
pub struct Unit {
    /// What a viewer or the publisher sends.
    pub request: Vec<u8>,
    /// How many bytes each who is to hear of it gets.
    pub answer_bytes: usize,
}

pub const WORKLOADS: &[Workload] = &[
    Workload { name: "echo depth 1", kind: Kind::Echo, connections: 64, depth: 1 },
    Workload { name: "echo depth 16", kind: Kind::Echo, connections: 64, depth: 16 },
    Workload { name: "get depth 1", kind: Kind::Get, connections: 64, depth: 1 },
    Workload { name: "get depth 16", kind: Kind::Get, connections: 64, depth: 16 },
    Workload {
        name: "websocket fan-out 1",
        kind: Kind::WebsocketFanOut,
        connections: 1000,
        depth: 1,
    },
    Workload {
        name: "websocket fan-out 16",
        kind: Kind::WebsocketFanOut,
        connections: 1000,
        depth: 16,
    },
    Workload { name: "sse fan-out 1", kind: Kind::SseFanOut, connections: 1000, depth: 1 },
    Workload { name: "sse fan-out 16", kind: Kind::SseFanOut, connections: 1000, depth: 16 },
];

impl Workload {
    /// Opens a connection of one who sends and is answered, or only listens.
    pub fn open_viewer(&self, address: SocketAddr) -> io::Result<TcpStream> {
        match self.kind {
            Kind::Echo => open(address, &websocket_head("/echo")),
            Kind::Get => open(address, ""),
            Kind::WebsocketFanOut => open(address, &websocket_head("/feed")),
            Kind::SseFanOut => open(address, &sse_head("/feed")),
        }
    }

    /// Opens the connection that publishes, where one does.
    pub fn open_publisher(&self, address: SocketAddr) -> io::Result<Option<TcpStream>> {
        match self.kind {
            Kind::Echo | Kind::Get => Ok(None),
            _ => open(address, &websocket_head("/publish")).map(Some),
        }
    }

    /// Asks the subject how many bytes it answers to one message.
    pub fn probe(&self, address: SocketAddr) -> io::Result<Unit> {
        let request = match self.kind {
            Kind::Get => GET.to_vec(),
            _ => text_frame(&[b'x'; PAYLOAD_BYTES]),
        };
        let mut viewer = self.open_viewer(address)?;
        let mut publisher = self.open_publisher(address)?;
        publisher.as_mut().unwrap_or(&mut viewer).write_all(&request)?;
        viewer.set_read_timeout(Some(Duration::from_millis(100)))?;
        let mut answer_bytes = 0;
        while let Ok(bytes @ 1..) = viewer.read(&mut [0; 4096]) {
            answer_bytes += bytes;
        }
        Ok(Unit { request, answer_bytes })
    }
}

/// A text message of at most 125 bytes, masked with a mask that changes nothing.
fn text_frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | payload.len() as u8, 0, 0, 0, 0];
    frame.extend_from_slice(payload);
    frame
}

/// Bytes of a message: the most that a header of two bytes announces.
const PAYLOAD_BYTES: usize = 125;

const GET: &[u8] = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
