//! What the first message teaches: how long one is, and the bytes it is answered with.

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::opening::Role;

/// The same answer many times in a row.
#[derive(Default)]
pub struct Speech {
    bytes: Vec<u8>,
    period: usize,
}

impl Speech {
    fn of(answer: &[u8]) -> Self {
        let times = BURST_BYTES.div_ceil(answer.len()) + 1;
        Self { bytes: answer.repeat(times), period: answer.len() }
    }

    /// Bytes of one answer.
    pub fn period(&self) -> usize {
        self.period
    }

    /// What comes next after `said` bytes, of `owed` that are to be said.
    pub fn next(&self, said: usize, owed: usize) -> &[u8] {
        let rest = &self.bytes[said % self.period..];
        &rest[..owed.min(rest.len())]
    }
}

/// Bytes said at once: what sixteen messages of 16 KiB come to.
const BURST_BYTES: usize = 256 * 1024;

/// Learns from the bytes of a first message, and maybe more; `None` until it is whole.
///
/// Returns how long a message is, and what those of each role are told for one.
pub fn learn(role: Role, heard: &[u8]) -> Option<(usize, Vec<(Role, Speech)>)> {
    if role == Role::Request {
        let (bytes, answer) = learn_request(heard)?;
        return Some((bytes, vec![(role, Speech::of(&answer))]));
    }
    let frame = Frame::read(heard)?;
    let said = |role, answer: &[u8]| (role, Speech::of(answer));
    let speeches = match role {
        Role::Publisher => vec![
            said(Role::SocketFeed, &framed(frame.first, &frame.payload)),
            said(Role::PackedFeed, &framed(frame.first | PACKED, &pack(&frame.payload))),
            said(Role::StreamFeed, &[b"data: ", &frame.payload[..], b"\n\n"].concat()),
        ],
        _ => vec![said(role, &framed(frame.first, &frame.payload))],
    };
    Some((frame.bytes, speeches))
}

/// A frame as it is sent by a server.
pub fn framed(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..=125 => frame.push(length as u8),
        length => {
            frame.push(126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

struct Frame {
    first: u8,
    payload: Vec<u8>,
    /// Bytes it took on the wire.
    bytes: usize,
}

impl Frame {
    /// Reads a client's frame of less than 64 KiB (RFC 6455, section 5.2).
    fn read(heard: &[u8]) -> Option<Self> {
        let (&first, &length) = (heard.first()?, heard.get(1)?);
        let (length, at) = match length & 0x7f {
            126 => (u16::from_be_bytes([*heard.get(2)?, *heard.get(3)?]) as usize, 4),
            length => (length as usize, 2),
        };
        let mask = heard.get(at..at + 4)?;
        let masked = heard.get(at + 4..at + 4 + length)?;
        let payload = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        Some(Self { first, payload: payload.collect(), bytes: at + 4 + length })
    }
}

/// The length of a request and its answer.
fn learn_request(heard: &[u8]) -> Option<(usize, Vec<u8>)> {
    let head_bytes = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&heard[..head_bytes]).ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let (body_bytes, answer) = match length {
        None => (0, "Hello, World!"),
        Some(length) => (length.parse().ok()?, length),
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n{answer}",
        answer.len()
    );
    Some((head_bytes + body_bytes, answer.into_bytes()))
}

/// The bit of a frame that says it is compressed (RFC 7692, section 6).
const PACKED: u8 = 0x40;

/// Compresses a message once, for all who will hear it (RFC 7692, section 7.2.1).
fn pack(payload: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(payload.len() + 64);
    let status = Compress::new(Compression::default(), false)
        .compress_vec(payload, &mut packed, FlushCompress::Sync)
        .expect("memory is there");
    assert_eq!(status, Status::Ok, "there is room for it");
    packed.truncate(packed.len() - 4);
    packed
}
