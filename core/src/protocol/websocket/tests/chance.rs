//! The decoder against chance: any messages, any fragments, any cuts, any bytes.

use proptest::prelude::*;

use super::*;

/// One message with the places to cut it into fragments and the pings sent between them.
#[derive(Clone, Debug)]
struct Sent {
    message: Heard,
    cuts: Vec<prop::sample::Index>,
    ping: Option<Vec<u8>>,
}

impl Sent {
    fn any() -> impl Strategy<Value = Self> {
        let message = prop_oneof![
            "\\PC{0,300}".prop_map(Heard::Text),
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Heard::Binary),
        ];
        let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
        let ping = prop::option::of(prop::collection::vec(any::<u8>(), 0..=125));
        (message, cuts, ping).prop_map(|(message, cuts, ping)| Self { message, cuts, ping })
    }

    /// Writes the fragments with pings between them, and what the other side is to hear.
    fn write(&self, frame: &mut dyn FnMut(Opcode, bool, &[u8]), heard: &mut Vec<Heard>) {
        let (mut opcode, mut rest) = match &self.message {
            Heard::Text(text) => (Opcode::Text, text.as_bytes()),
            Heard::Binary(bytes) => (Opcode::Binary, &bytes[..]),
            other => panic!("{other:?} is no message"),
        };
        for cut in &self.cuts {
            let (fragment, after) = rest.split_at(cut.index(rest.len() + 1));
            frame(opcode, false, fragment);
            (opcode, rest) = (Opcode::Continuation, after);
            if let Some(ping) = &self.ping {
                frame(Opcode::Ping, true, ping);
                heard.push(Heard::Ping(ping.clone()));
            }
        }
        frame(opcode, true, rest);
        heard.push(self.message.clone());
    }
}

/// Cuts `bytes` into pieces of the sizes given, in turn.
fn pieces<'b>(bytes: &'b [u8], sizes: &[usize]) -> Vec<&'b [u8]> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..400_usize, 1..6)
}

proptest! {
    #[test]
    fn what_one_role_sends_the_other_hears(
        sent in prop::collection::vec(Sent::any(), 0..4),
        key: [u8; 4],
        sizes in sizes(),
    ) {
        let (mut up, mut down, mut heard) = (Vec::new(), Vec::new(), Vec::new());
        for sent in &sent {
            let mut frame = |opcode, is_final, payload: &[u8]| {
                masked::encode_frame(&mut up, key, opcode, is_final, payload);
                encode_frame(&mut down, opcode, is_final, payload);
            };
            sent.write(&mut frame, &mut heard);
        }
        prop_assert_eq!(hear(Role::Server, &pieces(&up, &sizes)), Ok(heard.clone()));
        prop_assert_eq!(hear(Role::Client, &pieces(&down, &sizes)), Ok(heard));
    }

    #[test]
    fn streamed_parts_join_to_the_message(sent in Sent::any(), key: [u8; 4], sizes in sizes()) {
        let (mut bytes, mut heard) = (Vec::new(), Vec::new());
        let mut frame = |opcode, is_final, payload: &[u8]| {
            masked::encode_frame(&mut bytes, key, opcode, is_final, payload);
        };
        sent.write(&mut frame, &mut heard);
        let mut listener = Listener::of(Decoder::new(Role::Server, MAX).streaming());
        for piece in pieces(&bytes, &sizes) {
            prop_assert_eq!(listener.hear(piece), Ok(()));
        }
        let (mut joined, mut ends) = (Vec::new(), 0);
        for heard in &listener.heard {
            if let Heard::Part(bytes, _, is_last) = heard {
                joined.extend_from_slice(bytes);
                ends += usize::from(*is_last);
            }
        }
        let message = match &sent.message {
            Heard::Text(text) => text.as_bytes(),
            Heard::Binary(bytes) => bytes,
            other => panic!("{other:?} is no message"),
        };
        prop_assert_eq!(ends, 1);
        prop_assert_eq!(&joined[..], message);
    }

    #[test]
    fn arbitrary_bytes_mean_the_same_however_they_arrive(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        sizes in sizes(),
    ) {
        for role in [Role::Server, Role::Client] {
            let whole = hear(role, &[&bytes]);
            prop_assert_eq!(&hear(role, &pieces(&bytes, &sizes)), &whole);
            prop_assert_eq!(&hear(role, &pieces(&bytes, &[1])), &whole);
        }
    }

    #[test]
    fn frames_with_a_byte_changed_never_panic(
        at: prop::sample::Index,
        byte: u8,
        sizes in sizes(),
    ) {
        let (mut bytes, _) = conversation();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = hear(Role::Server, &pieces(&bytes, &sizes));
    }

    #[test]
    fn boundaries_lie_between_frames(
        lengths in prop::collection::vec(0..300_usize, 0..6),
        at: prop::sample::Index,
    ) {
        let mut bytes = Vec::new();
        let mut boundaries = vec![0];
        for length in lengths {
            encode_binary(&mut bytes, &vec![0xff; length]);
            boundaries.push(bytes.len());
        }
        let offset = at.index(bytes.len() + 1);
        let next = boundaries.into_iter().find(|boundary| *boundary >= offset);
        prop_assert_eq!(frame_boundary(&bytes, offset), next);
    }
}
