//! Frames: however they are cut they read the same, as the standard has it, and survive rewriting.

use crampon::protocol::websocket::{
    Decoder, Event, Role, encode_binary, encode_close, encode_ping, encode_pong, encode_text,
    masked,
};

use crate::pieces::{ends, split};
use crate::strict::{Ending, Said, messages};

/// The mask of what is written: chance would only make runs differ.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Claims it for the bytes after the first two, from a client and from a server, and for a short
/// message and a long one: the first byte is the limit of messages, 0 for a large one.
pub fn frame(input: &[u8]) {
    let Some((&limit, input)) = input.split_first() else { return };
    let Some((step, bytes)) = split(input) else { return };
    let bytes_max = if limit == 0 { 1 << 20 } else { usize::from(limit) };
    for role in [Role::Server, Role::Client] {
        let whole = hear(Decoder::new(role, bytes_max), bytes, [bytes.len()]);
        let in_pieces = hear(Decoder::new(role, bytes_max), bytes, ends(bytes.len(), step));
        assert_eq!(in_pieces, whole, "{role:?}, in pieces of {step} bytes");
        let streaming = Decoder::new(role, bytes_max).streaming();
        let in_parts = hear(streaming, bytes, ends(bytes.len(), step));
        assert_eq!(in_parts, whole, "{role:?}, streaming in pieces of {step} bytes");
        check(&whole, messages(bytes, role == Role::Server, bytes_max));
        write_and_read(&whole.0, role);
    }
}

/// What was heard, and the code of the fault that ended it.
type Heard = (Vec<Said>, Option<u16>);

fn hear(mut decoder: Decoder, bytes: &[u8], ends: impl IntoIterator<Item = usize>) -> Heard {
    let (mut said, mut left, mut start) = (Vec::new(), Vec::new(), 0);
    let mut begun = Vec::new();
    for end in ends {
        left.extend_from_slice(&bytes[start..end]);
        start = end;
        let mut at = 0;
        loop {
            let decoded = match decoder.decode(&mut left[at..]) {
                Ok(decoded) => decoded,
                Err(fault) => return (said, Some(fault.close_code())),
            };
            at += decoded.consumed;
            said.extend(decoded.event.and_then(|event| whole(event, &mut begun)));
            if decoded.consumed == 0 {
                break;
            }
        }
        left.drain(..at);
        assert!(left.len() < 14, "only a header may be left");
    }
    (said, None)
}

/// An event that outlives its input; parts are gathered until the last.
fn whole(event: Event<'_>, begun: &mut Vec<u8>) -> Option<Said> {
    Some(match event {
        Event::Text(text) => Said::Text(text.to_owned()),
        Event::Binary(bytes) => Said::Binary(bytes.to_vec()),
        Event::Part { bytes, is_text, is_last } => {
            begun.extend_from_slice(bytes);
            if !is_last {
                return None;
            }
            let bytes = std::mem::take(begun);
            match is_text {
                true => Said::Text(String::from_utf8(bytes).expect("text ends as UTF-8")),
                false => Said::Binary(bytes),
            }
        }
        Event::Deflated(_) => unreachable!("nobody agreed to compress"),
        Event::Ping(bytes) => Said::Ping(bytes.to_vec()),
        Event::Pong(bytes) => Said::Pong(bytes.to_vec()),
        Event::Close(close) => {
            Said::Close(close.map(|close| (close.code, close.reason.to_owned())))
        }
    })
}

/// What was heard is what was said. A fault may be found before its frame has ended, and so before
/// something the judge still reads; it is never overlooked.
fn check((heard, fault): &Heard, (said, ending): (Vec<Said>, Ending)) {
    match (fault, ending) {
        (None, Ending::Open | Ending::Inside | Ending::Closed(_)) => assert_eq!(*heard, said),
        (Some(code), Ending::Inside | Ending::Wrong(_)) => {
            assert!(said.starts_with(heard), "{said:?}");
            assert!(matches!(code, 1002 | 1007 | 1009), "a fault has the code {code}");
        }
        (fault, ending) => panic!("it ends with {fault:?}, and for a judge {ending:?}"),
    }
}

/// What is heard can be said again, and is heard as the same.
fn write_and_read(heard: &[Said], role: Role) {
    let mut out = Vec::new();
    for one in heard {
        match role {
            Role::Server => say_masked(&mut out, one),
            Role::Client => say(&mut out, one),
        }
    }
    let bytes_max = out.len();
    let (said, ending) = messages(&out, role == Role::Server, bytes_max);
    assert_eq!(said, heard, "what is written, as a judge reads it");
    let is_closed = matches!(heard.last(), Some(Said::Close(_)));
    assert_eq!(matches!(ending, Ending::Closed(_)), is_closed, "{ending:?}");
    let again = hear(Decoder::new(role, bytes_max), &out, [out.len()]);
    assert_eq!(again, (heard.to_vec(), None), "what is written, read back");
}

fn say(out: &mut Vec<u8>, said: &Said) {
    match said {
        Said::Text(text) => encode_text(out, text),
        Said::Binary(bytes) => encode_binary(out, bytes),
        Said::Ping(bytes) => encode_ping(out, bytes),
        Said::Pong(bytes) => encode_pong(out, bytes),
        Said::Close(close) => encode_close(out, lent(close)).expect("the peer was allowed it"),
    }
}

fn say_masked(out: &mut Vec<u8>, said: &Said) {
    match said {
        Said::Text(text) => masked::encode_text(out, KEY, text),
        Said::Binary(bytes) => masked::encode_binary(out, KEY, bytes),
        Said::Ping(bytes) => masked::encode_ping(out, KEY, bytes),
        Said::Pong(bytes) => masked::encode_pong(out, KEY, bytes),
        Said::Close(close) => {
            masked::encode_close(out, KEY, lent(close)).expect("the peer was allowed it");
        }
    }
}

fn lent(close: &Option<(u16, String)>) -> Option<(u16, &str)> {
    close.as_ref().map(|(code, reason)| (*code, reason.as_str()))
}
