//! The decoder against what clients and servers send: tables, every cut, and chance.

mod chance;

use super::*;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const MAX: usize = 1 << 20;

/// An event that outlives its input.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Part(Vec<u8>, bool, bool),
    Deflated(Vec<u8>, bool, bool),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl From<Event<'_>> for Heard {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Text(text) => Self::Text(text.to_owned()),
            Event::Binary(bytes) => Self::Binary(bytes.to_vec()),
            Event::Part { bytes, is_text, is_last } => Self::Part(bytes.to_vec(), is_text, is_last),
            Event::Deflated(message) => {
                Self::Deflated(message.bytes.to_vec(), message.is_first, message.is_last)
            }
            Event::Ping(bytes) => Self::Ping(bytes.to_vec()),
            Event::Pong(bytes) => Self::Pong(bytes.to_vec()),
            Event::Close(close) => {
                Self::Close(close.map(|close| (close.code, close.reason.to_owned())))
            }
        }
    }
}

impl From<Whole<'_>> for Heard {
    fn from(whole: Whole<'_>) -> Self {
        match whole {
            Whole::Text(text) => Self::Text(text.to_owned()),
            Whole::Binary(bytes) => Self::Binary(bytes.to_vec()),
        }
    }
}

fn text(text: &str) -> Heard {
    Heard::Text(text.to_owned())
}

/// A connection that hears bytes as they arrive and keeps what the decoder left.
struct Listener {
    decoder: Decoder,
    /// Takes messages that are whole and plain off the front first.
    is_eager: bool,
    left: Vec<u8>,
    heard: Vec<Heard>,
}

impl Listener {
    fn new(role: Role) -> Self {
        Self::of(Decoder::new(role, MAX))
    }

    fn of(decoder: Decoder) -> Self {
        Self { decoder, is_eager: false, left: Vec::new(), heard: Vec::new() }
    }

    fn hear(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.left.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            let mut rest = &mut self.left[at..];
            let bytes = rest.len();
            while self.is_eager
                && let Some(whole) = self.decoder.decode_whole(&mut rest)?
            {
                self.heard.push(whole.into());
            }
            at += bytes - rest.len();
            let Decoded { consumed, event } = self.decoder.decode(&mut self.left[at..])?;
            self.heard.extend(event.map(Heard::from));
            if consumed == 0 {
                break;
            }
            at += consumed;
        }
        self.left.drain(..at);
        assert!(self.left.len() < header::HEADER_BYTES_MAX, "only a header may be left");
        Ok(())
    }
}

/// What is heard, which is the same for who takes what is whole and plain off the front.
fn hear(role: Role, pieces: &[&[u8]]) -> Result<Vec<Heard>, Fault> {
    let [patient, eager] = [false, true].map(|is_eager| {
        let mut listener = Listener { is_eager, ..Listener::new(role) };
        pieces.iter().try_for_each(|piece| listener.hear(piece))?;
        Ok(listener.heard)
    });
    assert_eq!(eager, patient, "taking what is whole off the front changes nothing");
    patient
}

/// The frames that a client would send, from `(opcode, is_final, payload)`.
fn from_client(frames: &[(Opcode, bool, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (opcode, is_final, payload) in frames {
        masked::encode_frame(&mut out, KEY, *opcode, *is_final, payload);
    }
    out
}

/// A bit of everything that may follow one another.
fn conversation() -> (Vec<u8>, Vec<Heard>) {
    use Opcode::*;
    let long = "ψ".repeat(200);
    let frames = from_client(&[
        (Text, true, b"Hello"),
        (Text, true, b""),
        (Ping, true, b"alive?"),
        (Text, false, "κόσ".as_bytes()),
        (Continuation, false, b""),
        (Pong, true, b""),
        (Continuation, false, &"μ".as_bytes()[..1]),
        (Ping, true, &[9; 125]),
        (Continuation, true, &"με".as_bytes()[1..]),
        (Binary, true, &[0xff; 126]),
        (Binary, false, b""),
        (Continuation, true, b""),
        (Text, true, long.as_bytes()),
        (Close, true, b"\x03\xe9bye"),
    ]);
    let heard = vec![
        text("Hello"),
        text(""),
        Heard::Ping(b"alive?".to_vec()),
        Heard::Pong(Vec::new()),
        Heard::Ping(vec![9; 125]),
        text("κόσμε"),
        Heard::Binary(vec![0xff; 126]),
        Heard::Binary(Vec::new()),
        text(&long),
        Heard::Close(Some((1001, "bye".to_owned()))),
    ];
    (frames, heard)
}

#[test]
fn the_frames_of_the_rfc_are_heard() {
    use Role::*;
    let binary = |length: usize, header: &[u8]| [header, &vec![7; length]].concat();
    for (role, bytes, heard) in [
        (Client, b"\x81\x05Hello".to_vec(), text("Hello")),
        (Server, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58".to_vec(), text("Hello")),
        (Client, b"\x01\x03Hel\x80\x02lo".to_vec(), text("Hello")),
        (Client, b"\x89\x05Hello".to_vec(), Heard::Ping(b"Hello".to_vec())),
        (
            Server,
            b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58".to_vec(),
            Heard::Pong(b"Hello".to_vec()),
        ),
        (Client, binary(256, b"\x82\x7e\x01\x00"), Heard::Binary(vec![7; 256])),
        (
            Client,
            binary(65_536, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
            Heard::Binary(vec![7; 65_536]),
        ),
    ] {
        assert_eq!(hear(role, &[&bytes]), Ok(vec![heard]));
    }
}

#[test]
fn frames_cut_anywhere_are_heard_the_same() {
    let (bytes, heard) = conversation();
    for cut in 0..=bytes.len() {
        let (front, back) = bytes.split_at(cut);
        assert_eq!(hear(Role::Server, &[front, back]).as_ref(), Ok(&heard), "cut at {cut}");
    }
}

#[test]
fn frames_that_arrive_byte_by_byte_are_heard_the_same() {
    let (bytes, heard) = conversation();
    let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(hear(Role::Server, &pieces), Ok(heard));
}

#[test]
fn a_message_whole_in_the_input_is_borrowed_from_it() {
    for payload in [&b""[..], b"Hello", &[b'x'; 70_000]] {
        let mut bytes = from_client(&[(Opcode::Text, true, payload)]);
        let range = bytes.as_ptr_range();
        let mut decoder = Decoder::new(Role::Server, MAX);
        let Ok(Decoded { event: Some(Event::Text(text)), .. }) = decoder.decode(&mut bytes) else {
            panic!("{} bytes are no message", payload.len());
        };
        assert!(range.contains(&text.as_ptr()) || text.is_empty());
        assert_eq!(decoder.collected_bytes(), 0);
    }
}

#[test]
fn a_decoder_between_messages_owns_nothing() {
    let bytes = from_client(&[
        (Opcode::Text, false, &[b'x'; 10_000]),
        (Opcode::Ping, true, b"alive?"),
        (Opcode::Continuation, true, &[b'x'; 10_000]),
    ]);
    let mut listener = Listener::new(Role::Server);
    for piece in bytes.chunks(100) {
        listener.hear(piece).expect("the frames are right");
    }
    assert_eq!(listener.heard.len(), 2);
    assert_eq!(listener.decoder.collected_bytes(), 0);
}

#[test]
fn what_is_announced_and_never_sent_takes_no_memory() {
    let mut listener = Listener::of(Decoder::new(Role::Server, usize::MAX));
    // 4 GiB less one byte: the longest that any limit takes.
    let mut bytes = vec![0x82, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff];
    bytes.extend(KEY);
    bytes.extend([0; 10]);
    listener.hear(&bytes).expect("the header is right");
    assert!(listener.decoder.collected_bytes() < 100);
}

#[test]
fn frames_out_of_place_are_refused() {
    use Opcode::*;
    for (frames, fault) in [
        (&[(Continuation, true, &b"a"[..])][..], Fault::NothingToContinue),
        (&[(Text, true, b"a"), (Continuation, true, b"a")], Fault::NothingToContinue),
        (&[(Text, false, b"a"), (Text, true, b"b")], Fault::MessageInMessage { opcode: Text }),
        (&[(Text, false, b""), (Binary, false, b"b")], Fault::MessageInMessage { opcode: Binary }),
        (&[(Close, true, b"a")], Fault::CloseCut),
        (&[(Close, true, b"\x03\xed")], Fault::CloseCode { code: 1005 }),
        (&[(Close, true, b"\x03\xe8\xff")], Fault::CloseReason { at: 0 }),
        (&[(Text, true, b"ab\xff")], Fault::Utf8 { at: 2 }),
        (&[(Text, false, b"ab\xe2\x82"), (Continuation, true, b"")], Fault::Utf8 { at: 2 }),
    ] {
        let bytes = from_client(frames);
        assert_eq!(hear(Role::Server, &[&bytes]), Err(fault), "{frames:?}");
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(hear(Role::Server, &pieces), Err(fault), "{frames:?} byte by byte");
    }
}

#[test]
fn a_message_that_will_be_too_long_is_refused_at_its_header() {
    let too_long = |bytes| Err(Fault::MessageTooLong { bytes, max: 10 });
    let frames = |frames: &[(Opcode, bool, &[u8])], header_only: usize| {
        let bytes = from_client(frames);
        bytes[..bytes.len() - header_only].to_vec()
    };
    use Opcode::*;
    for (bytes, outcome) in [
        (frames(&[(Text, true, &[b'x'; 10])], 0), Ok(())),
        (frames(&[(Text, true, &[b'x'; 11])], 11), too_long(11)),
        (frames(&[(Text, false, &[b'x'; 6]), (Continuation, true, &[b'x'; 4])], 0), Ok(())),
        (frames(&[(Text, false, &[b'x'; 6]), (Continuation, true, &[b'x'; 5])], 5), too_long(11)),
        (frames(&[(Ping, true, &[b'x'; 11])], 0), Ok(())),
        ([&[0x82, 0xff, 0x7f][..], &[0xff; 7], &KEY].concat(), too_long(u64::MAX >> 1)),
    ] {
        for decoder in [Decoder::new(Role::Server, 10), Decoder::new(Role::Server, 10).streaming()]
        {
            assert_eq!(Listener::of(decoder).hear(&bytes), outcome, "{bytes:x?}");
        }
    }
}

#[test]
fn text_that_is_not_utf8_is_refused_in_the_middle_of_its_frame() {
    let bytes = from_client(&[(Opcode::Text, true, b"abc\xffdefghijk")]);
    let header_bytes = 6;
    let mut listener = Listener::new(Role::Server);
    assert_eq!(listener.hear(&bytes[..header_bytes + 3]), Ok(()));
    let wrong = &bytes[header_bytes + 3..header_bytes + 4];
    assert_eq!(listener.hear(wrong), Err(Fault::Utf8 { at: 3 }));
}

#[test]
fn nothing_is_decoded_after_a_close_frame_or_a_fault() {
    let last_words: [&[u8]; 2] = [
        &from_client(&[(Opcode::Close, true, b"")]),
        &from_client(&[(Opcode::Text, true, b"\xff")]),
    ];
    for last in last_words {
        for at in [1, last.len()] {
            let mut listener = Listener::new(Role::Server);
            let _ = listener.hear(&last[..at]).and_then(|()| listener.hear(&last[at..]));
            listener.left.clear();
            listener.heard.clear();
            let more = from_client(&[(Opcode::Text, true, b"still here")]);
            assert_eq!(listener.hear(&more), Ok(()));
            assert_eq!((listener.heard, listener.left), (vec![], vec![]));
        }
    }
}

#[test]
fn a_streaming_decoder_hands_on_what_arrives() {
    let part = |bytes: &[u8], is_last| Heard::Part(bytes.to_vec(), true, is_last);
    let bytes = from_client(&[
        (Opcode::Text, false, b"abcdef"),
        (Opcode::Ping, true, b""),
        (Opcode::Continuation, false, b""),
        (Opcode::Continuation, true, b"ghi"),
        (Opcode::Binary, true, b"whole"),
    ]);
    let mut listener = Listener::of(Decoder::new(Role::Server, MAX).streaming());
    for piece in [&bytes[..8], &bytes[8..]] {
        listener.hear(piece).expect("the frames are right");
        assert_eq!(listener.decoder.collected_bytes(), 0);
    }
    assert_eq!(
        listener.heard,
        [
            part(b"ab", false),
            part(b"cdef", false),
            Heard::Ping(Vec::new()),
            part(b"ghi", true),
            Heard::Part(b"whole".to_vec(), false, true),
        ]
    );
}

#[test]
fn a_message_that_ends_with_an_empty_fragment_has_an_empty_last_part() {
    let bytes = from_client(&[(Opcode::Binary, false, b"ab"), (Opcode::Continuation, true, b"")]);
    let mut listener = Listener::of(Decoder::new(Role::Server, MAX).streaming());
    listener.hear(&bytes).expect("the frames are right");
    let parts = [Heard::Part(b"ab".to_vec(), false, false), Heard::Part(vec![], false, true)];
    assert_eq!(listener.heard, parts);
}

#[test]
fn a_streaming_decoder_refuses_text_that_is_not_utf8() {
    for (frames, at) in [
        (&[(Opcode::Text, true, &b"a\xff"[..])][..], 1),
        (&[(Opcode::Text, false, b"a\xe2"), (Opcode::Continuation, true, b"b")], 1),
        (&[(Opcode::Text, false, b"a\xe2"), (Opcode::Continuation, true, b"")], 1),
    ] {
        let mut listener = Listener::of(Decoder::new(Role::Server, MAX).streaming());
        assert_eq!(listener.hear(&from_client(frames)), Err(Fault::Utf8 { at }), "{frames:?}");
    }
}

#[test]
fn faults_have_the_code_that_tells_the_peer() {
    for (fault, code) in [
        (Fault::ReservedBits { bits: 4, deflates: false }, 1002),
        (Fault::NothingToContinue, 1002),
        (Fault::CloseCode { code: 1005 }, 1002),
        (Fault::Utf8 { at: 0 }, 1007),
        (Fault::CloseReason { at: 0 }, 1007),
        (Fault::MessageTooLong { bytes: 2, max: 1 }, 1009),
    ] {
        assert_eq!(fault.close_code(), code, "{fault}");
    }
}
