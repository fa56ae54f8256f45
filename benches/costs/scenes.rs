//! What clients do, round after round, while it is counted.

use std::io;

use crampon::protocol::websocket::deflate::{Deflater, WindowBits};
use crampon::protocol::websocket::{encode_text, masked};
use crampon_benches::{sse_head, websocket_head};

use crate::house::House;
use crate::party::Party;

/// One round, which ends with nothing in flight.
pub type Scene = Box<dyn FnMut(&mut House) -> io::Result<()>>;

/// How messages go over a wire.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Websocket,
    /// Compressed.
    Deflating,
    Sse,
}

/// One or more WebSockets say so many messages each at once, and hear them.
pub fn echo(
    house: &mut House,
    wire: Wire,
    viewers: usize,
    bytes: usize,
    depth: usize,
) -> io::Result<Scene> {
    let mut viewers = wire.open(house, viewers, "/echo")?;
    let text = text(bytes);
    let said = wire.said(&text).repeat(depth);
    let heard = wire.heard(&text).repeat(depth);
    Ok(Box::new(move |house| {
        viewers.say(house, &said)?;
        viewers.hear(house, heard.len(), &heard)
    }))
}

/// One publishes so many messages at once, and all hear them.
pub fn fan_out(
    house: &mut House,
    wire: Wire,
    viewers: usize,
    bytes: usize,
    depth: usize,
) -> io::Result<Scene> {
    let mut viewers = wire.open(house, viewers, "/feed")?;
    let mut publisher = Party::websockets(house, 1, "/publish")?;
    let text = text(bytes);
    let said = Wire::Websocket.said(&text).repeat(depth);
    let heard = wire.heard(&text).repeat(depth);
    Ok(Box::new(move |house| {
        publisher.say(house, &said)?;
        // Nobody may be there to hear it.
        house.turn()?;
        viewers.hear(house, heard.len(), &heard)
    }))
}

/// All wait, and then one publishes what they wait for.
pub fn poll(house: &mut House, viewers: usize) -> io::Result<Scene> {
    let mut viewers = Party::connect(house, viewers)?;
    let mut publisher = Party::websockets(house, 1, "/publish")?;
    let request = b"GET /poll HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
    let text = text(MESSAGE_BYTES);
    let said = Wire::Websocket.said(&text);
    viewers.say(house, request)?;
    house.turn()?;
    house.turn()?;
    publisher.say(house, &said)?;
    let count = viewers.hear_until(house, text.as_bytes())?;
    Ok(Box::new(move |house| {
        viewers.say(house, request)?;
        house.turn()?;
        publisher.say(house, &said)?;
        viewers.hear(house, count, text.as_bytes())
    }))
}

/// Clocks tick.
pub fn clock(house: &mut House, wire: Wire, viewers: usize) -> io::Result<Scene> {
    // Connected together, they are answered in one turn, and so are due in one.
    let mut viewers = wire.open(house, viewers, "/clock")?;
    let tick = wire.heard("tick");
    Ok(Box::new(move |house| viewers.hear(house, tick.len(), &tick)))
}

/// One or more connections send so many requests each at once, and are answered.
pub fn request(
    house: &mut House,
    viewers: usize,
    request: &str,
    answer: &str,
    depth: usize,
) -> io::Result<Scene> {
    let mut viewers = Party::connect(house, viewers)?;
    viewers.say(house, request.as_bytes())?;
    let count = viewers.hear_until(house, answer.as_bytes())? * depth;
    let requests = request.repeat(depth).into_bytes();
    let answer = answer.to_owned();
    Ok(Box::new(move |house| {
        viewers.say(house, &requests)?;
        viewers.hear(house, count, answer.as_bytes())
    }))
}

/// A body of so many bytes is sent, and answered with how many that were.
pub fn post(house: &mut House, bytes: usize) -> io::Result<Scene> {
    let body = text(bytes);
    let post = format!(
        "POST /receive HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {bytes}\r\n\r\n{body}"
    );
    request(house, 1, &post, &format!("\r\n\r\n{bytes}"), 1)
}

/// All connect, send a request, are answered and hung up on.
pub fn visit(house: &mut House, viewers: usize) -> io::Result<Scene> {
    let request = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut first = Party::connect(house, 1)?;
    first.say(house, request)?;
    let count = first.hear_until(house, GREETING.as_bytes())?;
    Ok(Box::new(move |house| {
        let mut viewers = Party::connect(house, viewers)?;
        viewers.say(house, request)?;
        viewers.hear_out(house, count, GREETING.as_bytes())
    }))
}

/// All connect, have a WebSocket opened, say goodbye, hear it and are hung up on.
pub fn handshake(house: &mut House, viewers: usize) -> io::Result<Scene> {
    let request = websocket_head("/echo");
    let count = head_bytes(house, &request)?;
    let goodbye = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];
    let farewell = [0x88, 0x02, 0x03, 0xe8];
    Ok(Box::new(move |house| {
        let mut viewers = Party::connect(house, viewers)?;
        viewers.say(house, request.as_bytes())?;
        viewers.hear(house, count, HEAD_END)?;
        viewers.say(house, &goodbye)?;
        viewers.hear_out(house, farewell.len(), &farewell)
    }))
}

/// All connect, have a stream of events opened, and leave.
pub fn glance(house: &mut House, viewers: usize) -> io::Result<Scene> {
    let request = sse_head("/feed");
    let count = head_bytes(house, &request)?;
    Ok(Box::new(move |house| {
        let mut viewers = Party::connect(house, viewers)?;
        viewers.say(house, request.as_bytes())?;
        viewers.hear(house, count, HEAD_END)?;
        drop(viewers);
        house.turn()
    }))
}

/// Timers fire of which no client knows.
pub fn fire(_: &mut House) -> io::Result<Scene> {
    Ok(Box::new(House::turn))
}

/// Bytes of the head that a request is answered with.
fn head_bytes(house: &mut House, request: &str) -> io::Result<usize> {
    let mut first = Party::connect(house, 1)?;
    first.say(house, request.as_bytes())?;
    first.hear_until(house, HEAD_END)
}

impl Wire {
    fn open(self, house: &mut House, viewers: usize, path: &str) -> io::Result<Party> {
        match self {
            Self::Websocket => Party::websockets(house, viewers, path),
            Self::Deflating => Party::deflating(house, viewers, path),
            Self::Sse => Party::streams(house, viewers, path),
        }
    }

    /// A message as a client says it.
    fn said(self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Self::Deflating => {
                Deflater::anew(WindowBits::MAX).encode_masked(
                    &mut bytes,
                    MASK,
                    true,
                    text.as_bytes(),
                );
            }
            _ => masked::encode_text(&mut bytes, MASK, text),
        }
        bytes
    }

    /// A message as a client hears it.
    fn heard(self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Self::Websocket => encode_text(&mut bytes, text),
            Self::Deflating => {
                Deflater::anew(WindowBits::MAX).encode_message(&mut bytes, true, text.as_bytes());
            }
            Self::Sse => bytes = format!("data: {text}\n\n").into_bytes(),
        }
        bytes
    }
}

/// A text of so many bytes: a list of people in JSON, of which no two are the same.
fn text(bytes: usize) -> String {
    let mut text = String::from("[");
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        // What is left of a product by a prime looks like chance, and is always the same.
        let some = number * 7_919 % 10_007;
        text +=
            &format!(r#"{{"id":{number},"name":"user{some}","at":{}.{}}},"#, some / 7, some % 7);
    }
    text.truncate(bytes);
    text
}

/// Bytes of most messages: the most that a header of two bytes announces.
pub const MESSAGE_BYTES: usize = 125;

/// What a client's messages are masked with.
const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// How a head ends.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// What `/hello` says.
pub const GREETING: &str = "Hello World!";
