//! Compression: whatever arrives inflates in pieces to what it does at once, to what the standard
//! says, and to no more than it may; and what is compressed is what comes back.

use crampon::protocol::websocket::deflate::{
    Agreement, Deflater, Direction, Inflater, Inflation, Offer, Past, Terms, WindowBits,
};
use crampon::protocol::websocket::handshake::read_extensions;
use crampon::protocol::websocket::{Decoder, Deflated, Event, Fault, Role};

use crate::pieces::{ends, split};
use crate::strict::inflate;

/// Claims it for the bytes after the first two: what the first has set (window, context, text), how
/// they are cut, and then a message, a past of its sender, some messages and a header in one.
pub fn deflate(input: &[u8]) {
    let Some((&mode, input)) = input.split_first() else { return };
    let Some((step, bytes)) = split(input) else { return };
    let window_bits = WindowBits::new(9 + mode % 7).expect("it is among 9 to 15");
    let direction = Direction { takes_over: mode & 0x80 == 0, window_bits };
    for past in [&[][..], b"what was said before, and before that, and before that"] {
        for bytes_max in [1 << 16, 40] {
            read(bytes, step, past, mode & 0x40 == 0, bytes_max);
        }
    }
    write_and_read(bytes, step, direction);
    negotiate(bytes, direction);
}

/// A message is inflated at once and in pieces, and judged.
fn read(bytes: &[u8], step: usize, past: &[u8], is_text: bool, bytes_max: usize) {
    let new_past = || {
        let mut new = Past::new(WindowBits::MAX);
        new.extend(past);
        new
    };
    let message = Deflated { bytes, is_text, is_first: true, is_last: true };
    let mut kept = new_past();
    let mut inflater = Inflater::new();
    let at_once = inflater.inflate(&message, Some(&mut kept), bytes_max).map(to_bytes);
    let in_pieces = read_in_pieces(bytes, step, new_past(), is_text, bytes_max);
    match (&at_once, &in_pieces) {
        (Ok(whole), Ok((joined, after))) => {
            assert_eq!(whole, joined, "in pieces of {step} bytes");
            assert_eq!(kept.bytes(), after.bytes(), "what the next may point to");
            assert!(whole.len() <= bytes_max);
        }
        (Err(_), Err(_)) => {}
        _ => panic!("{at_once:?} at once, and in pieces {in_pieces:?}"),
    }
    let judged = judge(bytes, past, bytes_max);
    match (&at_once, &judged) {
        (Ok(whole), Ok((judged, _))) => assert_eq!(whole, judged, "as the standard has it"),
        (Ok(whole), Err(error)) => panic!("{error}, and {} bytes came of it", whole.len()),
        // The judge knows no text, nor that many streams are too many.
        (Err(Fault::Utf8 { .. }), Ok(_)) => assert!(is_text),
        (Err(Fault::Deflate), Ok((_, streams))) => assert!(*streams > 256, "it is sound"),
        (Err(error), Ok(_)) => panic!("{error}, and it is sound"),
        (Err(_), Err(_)) => {}
    }
}

/// As the standard has it (RFC 7692, section 7.2.2), with a last block that makes an end.
fn judge(bytes: &[u8], past: &[u8], bytes_max: usize) -> Result<(Vec<u8>, usize), String> {
    let ended = [bytes, &[0, 0, 0xff, 0xff], &[1, 0, 0, 0xff, 0xff]].concat();
    inflate(&ended, past, bytes_max)
}

fn to_bytes(event: Event<'_>) -> Vec<u8> {
    match event {
        Event::Text(text) => text.as_bytes().to_vec(),
        Event::Binary(bytes) => bytes.to_vec(),
        other => panic!("a message is {other:?}"),
    }
}

fn read_in_pieces(
    bytes: &[u8],
    step: usize,
    past: Past,
    is_text: bool,
    bytes_max: usize,
) -> Result<(Vec<u8>, Past), Fault> {
    let mut inflation = Inflation::new(past, is_text, bytes_max);
    let (mut joined, mut start, mut has_ended) = (Vec::new(), 0, false);
    for end in ends(bytes.len(), step) {
        inflation.feed(&bytes[start..end], end == bytes.len());
        start = end;
        while let Some(Event::Part { bytes, is_last, .. }) = inflation.part()? {
            assert!(!has_ended, "nothing follows the last part");
            joined.extend_from_slice(bytes);
            has_ended = is_last;
            if is_last {
                break;
            }
        }
    }
    assert!(has_ended, "a message that is right has a last part");
    Ok((joined, inflation.into_past()))
}

/// Messages are compressed, framed, decoded and inflated, by both sides.
fn write_and_read(bytes: &[u8], step: usize, direction: Direction) {
    for role in [Role::Server, Role::Client] {
        let mut deflater = Deflater::new(direction);
        let mut out = Vec::new();
        for message in bytes.chunks(step) {
            let is_text = std::str::from_utf8(message).is_ok();
            match role {
                Role::Server => deflater.encode_masked(&mut out, [1, 2, 3, 4], is_text, message),
                Role::Client => deflater.encode_message(&mut out, is_text, message),
            }
        }
        let mut decoder = Decoder::new(role, 1 << 16).deflating();
        let mut past = direction.takes_over.then(|| Past::new(direction.window_bits));
        let (mut inflater, mut heard, mut at) = (Inflater::new(), Vec::new(), 0);
        while at < out.len() {
            let decoded = decoder.decode(&mut out[at..]).expect("what is written is legal");
            at += decoded.consumed;
            match decoded.event {
                Some(Event::Deflated(message)) => {
                    let event = inflater.inflate(&message, past.as_mut(), 1 << 16);
                    heard.extend(to_bytes(event.expect("what is compressed inflates")));
                }
                Some(event) => heard.extend(to_bytes(event)),
                None => assert!(decoded.consumed > 0, "all of it is there"),
            }
        }
        assert_eq!(heard, bytes, "what comes back to the {role:?}");
    }
}

/// Whatever is offered, what is accepted is an answer to it.
fn negotiate(bytes: &[u8], direction: Direction) {
    let Ok(offered) = read_extensions([bytes]) else { return };
    let terms = Terms { takes_over: direction.takes_over, window_bits_max: direction.window_bits };
    for offer in offered.iter().filter_map(|extension| Offer::read(extension).ok()) {
        let agreed = offer.accept(&terms);
        let mut written = Vec::new();
        agreed.write(&mut written);
        let lines = [written.as_slice()];
        let answer = read_extensions(lines).expect("what is written is a list of extensions");
        let [answer] = answer.as_slice() else { panic!("one is accepted") };
        let read = Agreement::read(answer, &offer).expect("it is an answer to the offer");
        for role in [Role::Server, Role::Client] {
            let (ours, theirs) = (agreed.sent_by(role), read.sent_by(role));
            assert_eq!(ours.takes_over, theirs.takes_over, "{role:?}");
            // Who sends may keep to less than the other side is ready for.
            assert!(ours.window_bits >= theirs.window_bits || role == Role::Server, "{role:?}");
        }
        let mut again = Vec::new();
        offer.write(&mut again);
        let lines = [again.as_slice()];
        let offers = read_extensions(lines).expect("what is written is a list of extensions");
        assert_eq!(Offer::read(&offers[0]).as_ref(), Ok(&offer));
    }
}
