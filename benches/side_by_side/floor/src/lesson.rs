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

#[cfg(test)]
mod tests {
    use super::*;

    /// `hello`, under a mask that changes nothing.
    const HELLO: &[u8] = b"\x81\x85\0\0\0\0hello";

    fn learned(role: Role, heard: &[u8]) -> Vec<(Role, Vec<u8>)> {
        let (bytes, speeches) = learn(role, heard).expect("it is whole");
        assert_eq!(bytes, heard.len());
        let said =
            |(role, speech): (Role, Speech)| (role, speech.next(0, speech.period()).to_vec());
        speeches.into_iter().map(said).collect()
    }

    #[test]
    fn a_message_teaches_when_it_is_whole() {
        for cut in 0..HELLO.len() {
            assert!(learn(Role::Echo, &HELLO[..cut]).is_none(), "cut at {cut}");
        }
        assert_eq!(learned(Role::Echo, HELLO), [(Role::Echo, b"\x81\x05hello".to_vec())]);
    }

    #[test]
    fn what_is_published_is_learned_for_each_wire() {
        let learned = learned(Role::Publisher, HELLO);
        let [(_, socket), (_, packed), (_, events)] = &learned[..] else { panic!("{learned:?}") };
        assert_eq!((&socket[..], &events[..]), (&b"\x81\x05hello"[..], &b"data: hello\n\n"[..]));
        assert_eq!(packed[0], 0xc1);
    }

    #[test]
    fn a_request_is_as_long_as_its_head_and_body() {
        let get = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
        let post = b"POST /length HTTP/1.1\r\nContent-Length: 12\r\n\r\nabcdefghijkl";
        for (request, body) in [(&get[..], &b"\r\n\r\nHello, World!"[..]), (post, b"\r\n\r\n12")] {
            let learned = learned(Role::Request, request);
            assert!(learned[0].1.ends_with(body), "{learned:?}");
        }
    }

    #[test]
    fn a_speech_goes_on_where_it_stopped() {
        let speech = Speech::of(b"abc");
        for (said, owed, next) in [(0, 3, &b"abc"[..]), (1, 5, b"bcabc"), (5, 2, b"ca")] {
            assert_eq!(speech.next(said, owed), next);
        }
        assert!(speech.next(2, usize::MAX).len() >= BURST_BYTES);
    }
}
