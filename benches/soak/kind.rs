//! The kinds of guests: those who behave, those who read slowly, those who mean harm.

use std::time::Duration;

use crampon_benches::websocket_head;

use crate::subject::{FLOODS, ROOMS};

/// A kind of guest.
pub struct Kind {
    pub name: &'static str,
    /// How many there are of it, next to the others'.
    pub share: usize,
    pub manner: Manner,
}

/// How a guest behaves.
#[derive(Clone, Copy)]
pub enum Manner {
    /// As a browser does: the server has no reason to end the connection.
    Well(Way),
    /// Opens a flood and reads a little now and then, or never.
    Slow { way: Way, reads: bool },
    /// Does something it should not.
    Ill(Deed),
}

/// What a guest asks for, and how it is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Speaks over a WebSocket, and listens.
    Socket,
    /// Listens to a stream of events.
    Stream,
    /// Listens to a body in chunks.
    Chunks,
    /// Polls, and goes on from where it was.
    Poll,
    /// Asks now and then, always on one connection.
    Visits,
}

/// Something no guest should do, and how it goes on.
#[derive(Clone, Copy)]
pub struct Deed {
    /// Whether it is done on an open WebSocket.
    pub on_socket: bool,
    pub bytes: &'static [u8],
    pub then: Then,
}

/// What is done after the deed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Waits for the server to end it.
    Wait,
    /// Says that nothing more will come, and waits.
    HalfClose,
    /// Goes with a reset.
    Reset,
}

/// All kinds: of a thousand guests some eighty are slow or ill.
pub static KINDS: &[Kind] = &[
    well("websocket", 350, Way::Socket),
    well("sse", 250, Way::Stream),
    well("chunked", 100, Way::Chunks),
    well("long polling", 120, Way::Poll),
    well("regular", 100, Way::Visits),
    slow("never reads, websocket", Way::Socket, false),
    slow("never reads, sse", Way::Stream, false),
    slow("reads slowly, websocket", Way::Socket, true),
    slow("reads slowly, sse", Way::Stream, true),
    ill("garbage", false, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", Then::Wait),
    ill("half a head", false, b"GET /hello HTTP/1.1\r\nHost: loc", Then::Wait),
    ill("a head without end", false, &LONG_HEAD, Then::Wait),
    ill("half a body, and a reset", false, HALF_BODY, Then::Reset),
    ill("a half-closed request", false, REQUEST, Then::HalfClose),
    ill("a half-closed stream", false, LOG, Then::HalfClose),
    ill("half a frame, and a reset", true, b"\x81\xfe\x10\x00\0\0\0\0half", Then::Reset),
    ill("half a frame, and an end", true, b"\x81\xfe\x10\x00\0\0\0\0half", Then::HalfClose),
    ill("a frame without a mask", true, b"\x81\x05hello", Then::Wait),
    ill("a frame of a terabyte", true, b"\x82\xff\0\0\x01\0\0\0\0\0\0\0\0\0", Then::Wait),
    ill("text that is none", true, b"\x81\x82\0\0\0\0\xff\xfe", Then::Wait),
];

const REQUEST: &[u8] = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

const LOG: &[u8] = b"GET /log HTTP/1.1\r\nHost: localhost\r\n\r\n";

const HALF_BODY: &[u8] = b"POST /rooms/1?name=half HTTP/1.1\r\nHost: localhost\r\n\
    Content-Length: 1000\r\n\r\nhalf";

/// A hundred thousand bytes of one header: more than heads may have.
static LONG_HEAD: [u8; 100_000] = {
    let start = b"GET /hello HTTP/1.1\r\nX: ";
    let mut head = [b'x'; 100_000];
    let mut at = 0;
    while at < start.len() {
        head[at] = start[at];
        at += 1;
    }
    head
};

const fn well(name: &'static str, share: usize, way: Way) -> Kind {
    Kind { name, share, manner: Manner::Well(way) }
}

const fn slow(name: &'static str, way: Way, reads: bool) -> Kind {
    Kind { name, share: 6, manner: Manner::Slow { way, reads } }
}

const fn ill(name: &'static str, on_socket: bool, bytes: &'static [u8], then: Then) -> Kind {
    Kind { name, share: 5, manner: Manner::Ill(Deed { on_socket, bytes, then }) }
}

impl Kind {
    /// How often a guest looks after its connection, and does what it does.
    pub fn pace(&self) -> Duration {
        Duration::from_secs(match self.manner {
            Manner::Well(Way::Socket) => 4,
            Manner::Well(Way::Visits) => 3,
            // In half of it a room has spoken several times, and everyone has been spoken to.
            Manner::Well(_) => 15,
            Manner::Slow { .. } => 1,
            Manner::Ill(_) => 2,
        })
    }

    /// What a guest says first; `number` is its own.
    pub fn opening(&self, number: u64) -> Vec<u8> {
        match self.manner {
            Manner::Well(way) => way.opening(number, ""),
            Manner::Slow { way, .. } => {
                let path = format!("/floods/{}", FLOODS[number as usize % FLOODS.len()]);
                match way {
                    Way::Socket => socket(&path, number),
                    _ => request(&path, "Accept: text/event-stream\r\n"),
                }
            }
            Manner::Ill(Deed { on_socket: true, .. }) => socket(&room(number), number),
            Manner::Ill(_) => Vec::new(),
        }
    }
}

impl Way {
    /// What asks for it; who polls goes on from its cursor.
    pub fn opening(self, number: u64, cursor: &str) -> Vec<u8> {
        match self {
            Self::Socket => socket(&room(number), number),
            Self::Stream => request(&room(number), "Accept: text/event-stream\r\n"),
            Self::Chunks => LOG.into(),
            Self::Poll if cursor.is_empty() => request(&room(number), ""),
            Self::Poll => request(&room(number), &format!("Last-Event-ID: {cursor}\r\n")),
            Self::Visits => match number % 3 {
                0 => request("/work", ""),
                1 => REQUEST.into(),
                _ => post(&room(number), "hello"),
            },
        }
    }
}

/// Asks for a WebSocket; every other guest offers compression.
fn socket(path: &str, number: u64) -> Vec<u8> {
    let mut head = websocket_head(path);
    if number.is_multiple_of(2) {
        let end = head.len() - "\r\n".len();
        head.insert_str(end, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    }
    head.into()
}

fn room(number: u64) -> String {
    format!("/rooms/{}?name=guest-{number}", number % ROOMS as u64)
}

fn request(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into()
}

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}")
        .into()
}
