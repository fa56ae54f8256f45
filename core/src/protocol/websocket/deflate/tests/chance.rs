//! Compression against chance: any messages, either side, any window, any pieces.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Said {
    Text(String),
    Binary(Vec<u8>),
}

impl Said {
    fn any() -> impl Strategy<Value = Self> {
        let words = prop::collection::vec("[a-e]{1,4}|é|\\PC", 0..120);
        prop_oneof![
            words.prop_map(|words| Self::Text(words.join(" "))),
            (prop::collection::vec(any::<u8>(), 0..50), 1..90_usize)
                .prop_map(|(bytes, times)| Self::Binary(bytes.repeat(times))),
            prop::collection::vec(any::<u8>(), 0..700).prop_map(Self::Binary),
        ]
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => format!("{:?}", Event::Text(text)),
            Self::Binary(bytes) => format!("{:?}", Event::Binary(bytes)),
        }
    }
}

fn window_bits() -> impl Strategy<Value = WindowBits> {
    (9..=15_u8).prop_filter_map("no window", WindowBits::new)
}

/// Inflates with no more to point back to than was agreed, and hears a message in parts.
fn heard_in_parts(mut decoder: Decoder, bytes: &[u8], piece: usize, past: Past) -> Vec<String> {
    let mut past = Some(past);
    let mut inflation = None;
    let (mut heard, mut message, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        left.extend_from_slice(piece);
        loop {
            let decoded = decoder.decode(&mut left).expect("it was encoded here");
            let consumed = decoded.consumed;
            let mut end = |message: &mut Vec<u8>, is_text| {
                let bytes = std::mem::take(message);
                heard.push(match is_text {
                    true => Said::Text(String::from_utf8(bytes).expect("it is text")).shown(),
                    false => Said::Binary(bytes).shown(),
                });
            };
            match decoded.event {
                Some(Event::Part { bytes, is_text, is_last }) => {
                    message.extend_from_slice(bytes);
                    if is_last {
                        end(&mut message, is_text);
                    }
                }
                Some(Event::Deflated(part)) => {
                    let begin = || {
                        let past = past.take().expect("one message at a time");
                        Inflation::new(past, part.is_text, 1 << 20)
                    };
                    let inflated = inflation.get_or_insert_with(begin);
                    inflated.feed(part.bytes, part.is_last);
                    let mut is_over = false;
                    while !is_over
                        && let Some(event) = inflated.part().expect("it was compressed here")
                    {
                        let Event::Part { bytes, is_last, .. } = event else { unreachable!() };
                        message.extend_from_slice(bytes);
                        is_over = is_last;
                    }
                    if is_over {
                        end(&mut message, part.is_text);
                        past = inflation.take().map(Inflation::into_past);
                    }
                }
                Some(other) => panic!("{other:?} was not sent"),
                None => {}
            }
            left.drain(..consumed);
            if consumed == 0 {
                break;
            }
        }
    }
    heard
}

proptest! {
    #[test]
    fn what_one_side_compresses_the_other_hears(
        said in prop::collection::vec(Said::any(), 0..4),
        takes_over: bool,
        window_bits in window_bits(),
        key in prop::option::of(any::<[u8; 4]>()),
        cut in any::<prop::sample::Index>(),
        piece in 1..3000_usize,
    ) {
        let mut deflater = Deflater::new(Direction { takes_over, window_bits });
        let mut bytes = Vec::new();
        for said in &said {
            match key {
                Some(key) => deflater.encode_masked(&mut bytes, key, said.is_text(), said.bytes()),
                None => deflater.encode_message(&mut bytes, said.is_text(), said.bytes()),
            }
        }
        let role = if key.is_some() { Role::Server } else { Role::Client };
        let decoder = || Decoder::new(role, 1 << 20).deflating();
        let expected: Vec<String> = said.iter().map(Said::shown).collect();
        let cut = cut.index(bytes.len() + 1);
        prop_assert_eq!(heard(decoder(), &bytes, &[cut]), Ok(expected.clone()));
        let past = Past::new(window_bits);
        prop_assert_eq!(heard_in_parts(decoder().streaming(), &bytes, piece, past), expected);
    }

    #[test]
    fn any_bytes_inflate_or_are_refused_and_no_more_is_taken_than_may_be(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        is_text: bool,
        bytes_max in 0..5000_usize,
    ) {
        let mut inflater = Inflater::new();
        let message = Deflated { bytes: &bytes, is_text, is_first: true, is_last: true };
        let inflated = match inflater.inflate(&message, None, bytes_max) {
            Ok(Event::Text(text)) => text.len(),
            Ok(Event::Binary(bytes)) => bytes.len(),
            Ok(other) => panic!("{other:?} is no message"),
            Err(_) => 0,
        };
        prop_assert!(inflated <= bytes_max);
        prop_assert!(inflater.bytes_held() <= bytes_max + 1);
    }
}
