//! A visitor: one connection, what it says, and the strict ear it hears with.

use std::collections::VecDeque;

use crampon::protocol::websocket::{Opcode, masked};
use crampon::reactor::Peer;
use crampon_claims::house::MESSAGE_BYTES_MAX;
use crampon_claims::strict::{Ear, Heard, Said};
use crampon_tests::Chance;

use crate::asking::{self, Asking, deeds};

/// The mask of all frames: chance would only make runs differ.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// One connection from outside.
pub struct Visitor {
    pub peer: Peer,
    ear: Ear,
    /// What it has to say and has not yet sent.
    unsent: VecDeque<u8>,
    /// Of each thing it asked: whether it lasts if it is granted, and whether it is an echo.
    asked: VecDeque<(bool, bool)>,
    /// What it says over its socket comes back, in this order.
    echoes: Option<VecDeque<Said>>,
    /// It says what it likes, and hears what it hears.
    is_stranger: bool,
    /// It has said that it closes its socket, or broken the rules of one.
    has_closed: bool,
    has_finished: bool,
    /// It may be given up in the middle of something: it, or what is between, takes too little.
    pub is_slow: bool,
    is_over: bool,
}

impl Visitor {
    pub fn new(peer: Peer, is_stranger: bool) -> Self {
        Self {
            peer,
            ear: if is_stranger { Ear::of_a_stranger() } else { Ear::new() },
            unsent: VecDeque::new(),
            asked: VecDeque::new(),
            echoes: None,
            is_stranger,
            has_closed: false,
            has_finished: false,
            is_slow: false,
            is_over: false,
        }
    }

    /// Whether the connection has ended for it.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Thinks of something to say.
    pub fn think(&mut self, chance: &mut Chance) -> &'static str {
        if self.has_finished {
            return "has no more to say";
        }
        if self.is_stranger {
            self.unsent.extend(asking::garbage(chance));
            return "thinks of something strange";
        }
        if !self.is_in_stream() {
            for _ in 0..1 + chance.below(3) {
                let asking = match chance.one_in(3) {
                    true => asking::upgrade(chance),
                    false => asking::request(chance),
                };
                self.ask(asking);
                if self.is_in_stream() {
                    break;
                }
            }
            return "asks";
        }
        if self.ear.is_socket() && !self.has_closed {
            return self.speak(chance);
        }
        "waits"
    }

    fn ask(&mut self, asking: Asking) {
        self.ear.ask(asking.asked);
        self.unsent.extend(asking.bytes);
        self.asked.push_back((asking.is_stream, asking.is_echoed));
    }

    /// Whether what it hears lasts, or may once it is granted.
    fn is_in_stream(&self) -> bool {
        self.ear.is_in_stream() || self.asked.iter().any(|(lasts, _)| *lasts)
    }

    /// Says something over its socket.
    fn speak(&mut self, chance: &mut Chance) -> &'static str {
        let mut out = Vec::new();
        let told = match chance.below(14) {
            0 => {
                masked::encode_ping(&mut out, KEY, b"are you there?");
                "pings"
            }
            1 => {
                masked::encode_pong(&mut out, KEY, b"");
                "pongs"
            }
            2 if chance.one_in(3) => {
                self.has_closed = true;
                masked::encode_close(&mut out, KEY, Some((1000, "bye"))).expect("it may be sent");
                "closes"
            }
            3 if chance.one_in(4) => {
                self.has_closed = true;
                let wrong: &[u8] = chance.pick(&[
                    &b"\x81\x05hello"[..],
                    b"\x83\x80\0\0\0\0",
                    b"\xc1\x80\0\0\0\0",
                    b"\x81\x81\0\0\0\0\xff",
                    b"\x88\x82\0\0\0\0\x03\xee",
                    b"\x82\xff\0\0\0\0\xff\xff\xff\xff\0\0\0\0",
                ]);
                out.extend(wrong);
                "breaks the rules"
            }
            4 if self.echoes.is_none() => {
                masked::encode_text(&mut out, KEY, &format!("!{}", deeds(chance)));
                "tells it to do something"
            }
            _ => {
                self.say(&mut out, chance);
                "says something"
            }
        };
        self.unsent.extend(out);
        told
    }

    /// A message, whole or in fragments with a ping between them.
    fn say(&mut self, out: &mut Vec<u8>, chance: &mut Chance) {
        let length = match chance.below(8) {
            0 => chance.below(MESSAGE_BYTES_MAX),
            1 => MESSAGE_BYTES_MAX - chance.below(2),
            _ => chance.below(200),
        };
        let is_text = chance.one_in(2);
        let payload: Vec<u8> = match is_text {
            true => "ψ".repeat(length / 2).into_bytes(),
            false => (0..length).map(|at| at as u8).collect(),
        };
        if let Some(echoes) = &mut self.echoes {
            echoes.push_back(match is_text {
                true => Said::Text(String::from_utf8(payload.clone()).expect("it is text")),
                false => Said::Binary(payload.clone()),
            });
        }
        let opcode = if is_text { Opcode::Text } else { Opcode::Binary };
        if self.ear.may_compress() && chance.one_in(3) {
            let mut frame = Vec::new();
            masked::encode_frame(&mut frame, KEY, opcode, true, &stored(&payload));
            // The bit that says that a message is compressed.
            frame[0] |= 0x40;
            return out.extend(frame);
        }
        let mut cuts: Vec<usize> =
            (0..chance.below(4)).map(|_| chance.below(payload.len() + 1)).collect();
        cuts.sort_unstable();
        let mut at = 0;
        for cut in cuts {
            let opcode = if at == 0 { opcode } else { Opcode::Continuation };
            // An empty first fragment would be followed by another first one.
            if cut > at {
                masked::encode_frame(out, KEY, opcode, false, &payload[at..cut]);
                at = cut;
            }
            if chance.one_in(4) {
                masked::encode_ping(out, KEY, b"in between");
            }
        }
        let opcode = if at == 0 { opcode } else { Opcode::Continuation };
        masked::encode_frame(out, KEY, opcode, true, &payload[at..]);
    }

    /// Sends some of what it has to say.
    pub fn send(&mut self, bytes_max: usize) -> usize {
        let bytes = bytes_max.min(self.unsent.len());
        if bytes > 0 && !self.has_finished {
            let sent: Vec<u8> = self.unsent.drain(..bytes).collect();
            self.peer.send(&sent);
        }
        bytes
    }

    /// Half-closes.
    pub fn finish(&mut self) {
        self.peer.finish();
        self.has_finished = true;
    }

    /// Hears what has come.
    ///
    /// # Errors
    /// What should not have come.
    pub fn hear(&mut self) -> Result<usize, String> {
        let bytes = self.peer.receive();
        let heard = self.ear.take(&bytes)?;
        for heard in heard {
            self.take_note(heard)?;
        }
        let was_cut = self.peer.was_reset();
        if !self.is_over && (self.peer.has_finished() || self.peer.is_closed() || was_cut) {
            self.is_over = true;
            self.ear.end(was_cut || self.is_slow)?;
        }
        Ok(bytes.len())
    }

    fn take_note(&mut self, heard: Heard) -> Result<(), String> {
        match heard {
            Heard::Head(status) => {
                let (_, is_echoed) = self.asked.pop_front().unwrap_or_default();
                self.echoes = (status == 101 && is_echoed).then(VecDeque::new);
            }
            Heard::Socket(Said::Ping(payload)) => {
                if !self.has_finished && !self.has_closed {
                    let mut pong = Vec::new();
                    masked::encode_pong(&mut pong, KEY, &payload);
                    // Between two frames of what it has to say: that is when all of it is sent.
                    if self.unsent.is_empty() && !self.peer.is_closed() {
                        self.peer.send(&pong);
                    }
                }
            }
            Heard::Socket(Said::Pong(payload)) => {
                if payload != b"are you there?" && payload != b"in between" && !self.is_stranger {
                    return Err(format!("a pong answers nothing: {payload:?}"));
                }
            }
            Heard::Socket(said @ (Said::Text(_) | Said::Binary(_))) => {
                if let Some(echoes) = &mut self.echoes {
                    let expected = echoes.pop_front();
                    if expected.as_ref() != Some(&said) {
                        return Err(format!("heard {said:?} where it said {expected:?}"));
                    }
                }
            }
            Heard::Socket(Said::Close(close)) => {
                if !self.has_closed && !self.has_finished {
                    self.has_closed = true;
                    let mut answer = Vec::new();
                    let close = close.as_ref().map(|(code, _)| (*code, ""));
                    masked::encode_close(&mut answer, KEY, close).expect("it was sent");
                    if self.unsent.is_empty() && !self.peer.is_closed() {
                        self.peer.send(&answer);
                    }
                }
            }
            Heard::Continue | Heard::Body(_) => {}
        }
        Ok(())
    }

    /// What holds of one who has listened to everything, and has said all it had to say, after so
    /// long that every deadline has passed: it was told what it is owed, or that there is no more.
    ///
    /// # Errors
    /// What is missing.
    pub fn check_served(&self) -> Result<(), String> {
        if self.is_over || self.is_stranger {
            return Ok(());
        }
        if !self.ear.is_in_stream() {
            // What was asked behind a stream waits until that ends; everybody else has a deadline.
            return Err(match self.ear.is_owed() {
                true => "it asked, and was neither answered nor let go".into(),
                false => "it has been idle for long, and is kept".into(),
            });
        }
        match &self.echoes {
            Some(echoes) if !echoes.is_empty() && !self.has_closed => {
                Err(format!("{} messages were not echoed", echoes.len()))
            }
            _ => Ok(()),
        }
    }

    /// In words, for a trace.
    pub fn describe(&self) -> String {
        let Self { is_stranger, has_closed, has_finished, is_over, .. } = self;
        let is_in_stream = self.is_in_stream();
        let unsent = self.unsent.len();
        format!(
            "stream {is_in_stream}, stranger {is_stranger}, closed {has_closed}, \
             finished {has_finished}, over {is_over}, {unsent} bytes unsent"
        )
    }
}

/// A message in blocks that are stored, which is the simplest way to compress it, and a bomb's
/// opposite.
fn stored(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for block in payload.chunks(3_000) {
        let length = block.len() as u16;
        out.push(0);
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    // What is left of an empty block when its end is cut off.
    out.push(0);
    out
}
