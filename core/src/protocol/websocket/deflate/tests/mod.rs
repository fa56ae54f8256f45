//! Compression against the examples of the RFC, chance, and malice.

use super::super::{Decoder, Deflated, Event, Fault, Opcode, Role, encode_frame, masked};
use super::*;

mod chance;
mod malice;
mod negotiation;

fn text(bytes: &[u8]) -> Deflated<'_> {
    Deflated { bytes, is_text: true, is_first: true, is_last: true }
}

/// So many bytes that cannot be compressed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    for payload in [
        // Section 7.2.3.1, a block of its own for the message; in fragments it is the same.
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
        // Section 7.2.3.3, without compression.
        &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
        // Section 7.2.3.4, a last block.
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        // Section 7.2.3.5, two blocks.
        &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
    ] {
        let mut inflater = Inflater::new();
        let message = inflater.inflate(&text(payload), None, 100);
        assert_eq!(message, Ok(Event::Text("Hello")), "{payload:x?}");
    }
    // Section 7.2.3.6, an empty message.
    assert_eq!(Inflater::new().inflate(&text(&[0x00]), None, 100), Ok(Event::Text("")));
}

#[test]
fn the_example_of_the_rfc_with_a_context_taken_over_is_read() {
    // Section 7.2.3.2.
    let mut past = Past::new(WindowBits::MAX);
    let mut inflater = Inflater::new();
    for payload in
        [&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..], &[0xf2, 0x00, 0x11, 0x00, 0x00]]
    {
        let message = inflater.inflate(&text(payload), Some(&mut past), 100);
        assert_eq!(message, Ok(Event::Text("Hello")), "{payload:x?}");
    }
}

#[test]
fn what_the_rfc_shows_of_a_message_is_what_we_write() {
    let mut deflater = Deflater::new(Direction { takes_over: true, window_bits: WindowBits::MAX });
    let mut out = Vec::new();
    deflater.encode_message(&mut out, true, b"Hello");
    assert_eq!(out, [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    out.clear();
    deflater.encode_message(&mut out, true, b"Hello");
    assert_eq!(out, [0xc1, 0x04, 0x02, 0x13, 0x00, 0x00], "said again it is a pointer");
    out.clear();
    deflater.encode_message(&mut out, true, b"");
    assert_eq!(out, [0x81, 0x00], "an empty message goes as it is");
}

#[test]
fn a_message_that_gets_no_shorter_goes_as_it_is_unless_the_next_points_to_it() {
    let noise = noise(900);
    for takes_over in [false, true] {
        let direction = Direction { takes_over, window_bits: WindowBits::MAX };
        let mut deflater = Deflater::new(direction);
        let mut out = Vec::new();
        deflater.encode_message(&mut out, false, &noise);
        assert_eq!(out[0], if takes_over { 0xc2 } else { 0x82 });
        assert_eq!(out.ends_with(&noise), !takes_over);
    }
}

#[test]
fn of_frames_only_long_plain_messages_are_compressed() {
    let long = "long ".repeat(100);
    let (mut plain, mut deflated, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut deflater = Deflater::anew(WindowBits::MAX);
    encode_frame(&mut plain, Opcode::Text, true, long.as_bytes());
    deflater.encode_message(&mut deflated, true, long.as_bytes());
    for (opcode, is_final, payload) in [
        (Opcode::Text, true, &long[..99]),
        (Opcode::Ping, true, &long[..100]),
        (Opcode::Binary, false, &long),
        (Opcode::Continuation, true, &long),
        (Opcode::Close, true, ""),
    ] {
        encode_frame(&mut others, opcode, is_final, payload.as_bytes());
    }
    let mut out = b"before".to_vec();
    deflater.encode_frames(&mut out, &[&*plain, &*others, &*deflated, &*plain].concat(), 100);
    let expected = [b"before", &*deflated, &*others, &*deflated, &*deflated].concat();
    assert!(out == expected);
}

/// What a side hears of these bytes, cut into pieces at `cuts`.
fn heard(mut decoder: Decoder, bytes: &[u8], cuts: &[usize]) -> Result<Vec<String>, Fault> {
    let mut inflater = Inflater::new();
    let mut past = Past::new(WindowBits::MAX);
    let mut heard = Vec::new();
    let mut left = Vec::new();
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        left.extend_from_slice(&bytes[from..to]);
        from = to;
        loop {
            let bytes_max = decoder.message_bytes_max();
            let decoded = decoder.decode(&mut left)?;
            let consumed = decoded.consumed;
            let event = match decoded.event {
                Some(Event::Deflated(message)) => {
                    Some(inflater.inflate(&message, Some(&mut past), bytes_max)?)
                }
                other => other,
            };
            heard.extend(event.map(|event| format!("{event:?}")));
            left.drain(..consumed);
            if consumed == 0 {
                break;
            }
        }
    }
    Ok(heard)
}

#[test]
fn a_compressed_message_cut_anywhere_is_the_message() {
    let payload = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let message = |up: &mut Vec<u8>, opcode, is_final, is_deflated, payload: &[u8]| {
        let start = up.len();
        masked::encode_frame(up, [1, 2, 3, 4], opcode, is_final, payload);
        up[start] |= if is_deflated { 0x40 } else { 0 };
    };
    for at in 0..=payload.len() {
        let mut bytes = Vec::new();
        message(&mut bytes, Opcode::Text, false, true, &payload[..at]);
        message(&mut bytes, Opcode::Ping, true, false, b"?");
        message(&mut bytes, Opcode::Continuation, true, false, &payload[at..]);
        message(&mut bytes, Opcode::Text, true, true, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
        message(&mut bytes, Opcode::Text, true, false, b"plain");
        for cut in 0..=bytes.len() {
            let decoder = Decoder::new(Role::Server, 100).deflating();
            let expected = ["Ping([63])", "Text(\"Hello\")", "Text(\"Hello\")", "Text(\"plain\")"];
            let heard = heard(decoder, &bytes, &[cut]).expect("they are messages");
            assert_eq!(heard, expected, "in fragments at {at}, cut at {cut}");
        }
    }
}

#[test]
fn rsv1_is_for_the_first_frame_of_a_message_and_only_if_agreed() {
    let frame = |first: u8| [first, 0x81, 0, 0, 0, 0, 0];
    let bits = |bits, deflates| Fault::ReservedBits { bits, deflates };
    for (deflates, frames, fault) in [
        (false, &[0xc1][..], bits(0b100, false)),
        (false, &[0xc2], bits(0b100, false)),
        (false, &[0x01, 0xc0], bits(0b100, false)),
        (true, &[0x41, 0xc0], Fault::DeflatedFrame { opcode: Opcode::Continuation }),
        (true, &[0x01, 0xc0], Fault::DeflatedFrame { opcode: Opcode::Continuation }),
        (true, &[0x41, 0x40], Fault::DeflatedFrame { opcode: Opcode::Continuation }),
        (true, &[0xc0], Fault::DeflatedFrame { opcode: Opcode::Continuation }),
        (true, &[0xc9], Fault::DeflatedFrame { opcode: Opcode::Ping }),
        (true, &[0xca], Fault::DeflatedFrame { opcode: Opcode::Pong }),
        (true, &[0xc8], Fault::DeflatedFrame { opcode: Opcode::Close }),
        (true, &[0x41, 0xc9], Fault::DeflatedFrame { opcode: Opcode::Ping }),
        (true, &[0x41, 0xc1], Fault::MessageInMessage { opcode: Opcode::Text }),
        (true, &[0xe1], bits(0b110, true)),
        (true, &[0xd2], bits(0b101, true)),
        (true, &[0xa1], bits(0b010, true)),
        (true, &[0x91], bits(0b001, true)),
    ] {
        let decoder = Decoder::new(Role::Server, 100);
        let decoder = if deflates { decoder.deflating() } else { decoder };
        let bytes: Vec<u8> = frames.iter().flat_map(|first| frame(*first)).collect();
        assert_eq!(heard(decoder, &bytes, &[]), Err(fault), "{frames:x?}");
        assert_eq!(fault.close_code(), 1002, "{fault}");
    }
}
