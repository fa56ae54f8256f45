//! What arrives on a WebSocket, borrowed from where it lies.

use super::{Fault, Opcode, is_sendable_close_code};

/// What one step of a decoder took from its input, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// Bytes taken from the front of the input; the rest comes first in the next step.
    pub consumed: usize,
    /// What they said; `None` if that takes more bytes to tell.
    pub event: Option<Event<'a>>,
}

/// Something the peer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A whole text message.
    Text(&'a str),
    /// A whole binary message.
    Binary(&'a [u8]),
    /// A part of a message, for a decoder that streams.
    Part {
        /// The bytes; text may be cut inside a character, but is valid up to there.
        bytes: &'a [u8],
        /// Whether the message is text.
        is_text: bool,
        /// Whether this part, which may be empty, ends the message.
        is_last: bool,
    },
    /// A compressed message, for who inflates it; a part of one, from a decoder that streams.
    Deflated(Deflated<'a>),
    /// A question whether we are alive; the answer is a pong with the same bytes.
    Ping(&'a [u8]),
    /// The answer to a ping of ours, or a sign of life without one.
    Pong(&'a [u8]),
    /// The last frame of the peer, with what it said about why.
    Close(Option<Close<'a>>),
}

/// A message that lies whole in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole<'a> {
    /// Text.
    Text(&'a str),
    /// Anything else.
    Binary(&'a [u8]),
}

/// A compressed message, or a part of one, as it was sent (RFC 7692, section 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflated<'a> {
    /// The bytes, of all its fragments.
    pub bytes: &'a [u8],
    /// Whether the message is text; that it is UTF-8 shows when it is inflated.
    pub is_text: bool,
    /// Whether the message begins here: always, but for a decoder that streams.
    pub is_first: bool,
    /// Whether it ends here: always, but for a decoder that streams.
    pub is_last: bool,
}

/// Why a peer closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close<'a> {
    /// The code, one that may be sent (RFC 6455, section 7.4).
    pub code: u16,
    /// Words for a log, often none.
    pub reason: &'a str,
}

impl<'a> Close<'a> {
    /// Reads the payload of a close frame (section 5.5.1).
    fn read(payload: &'a [u8]) -> Result<Option<Self>, Fault> {
        let Some((code, reason)) = payload.split_first_chunk::<2>() else {
            return if payload.is_empty() { Ok(None) } else { Err(Fault::CloseCut) };
        };
        let code = u16::from_be_bytes(*code);
        if !is_sendable_close_code(code) {
            return Err(Fault::CloseCode { code });
        }
        match std::str::from_utf8(reason) {
            Ok(reason) => Ok(Some(Self { code, reason })),
            Err(error) => Err(Fault::CloseReason { at: error.valid_up_to() }),
        }
    }
}

impl<'a> Event<'a> {
    /// What a whole control frame says.
    pub(super) fn control(opcode: Opcode, payload: &'a [u8]) -> Result<Self, Fault> {
        Ok(match opcode {
            Opcode::Ping => Self::Ping(payload),
            Opcode::Pong => Self::Pong(payload),
            _ => Self::Close(Close::read(payload)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_payloads_are_read_or_refused() {
        let close = |code, reason| Ok(Some(Close { code, reason }));
        for (payload, expected) in [
            (&b""[..], Ok(None)),
            (b"\x03", Err(Fault::CloseCut)),
            (b"\x03\xe8", close(1000, "")),
            (b"\x03\xe8bye", close(1000, "bye")),
            (b"\x0b\xb8\xc3\xa9", close(3000, "é")),
            (b"\x03\xe7", Err(Fault::CloseCode { code: 999 })),
            (b"\x03\xec", Err(Fault::CloseCode { code: 1004 })),
            (b"\x03\xed", Err(Fault::CloseCode { code: 1005 })),
            (b"\x03\xee", Err(Fault::CloseCode { code: 1006 })),
            (b"\x03\xf7", Err(Fault::CloseCode { code: 1015 })),
            (b"\x13\x88", Err(Fault::CloseCode { code: 5000 })),
            (b"\x03\xe8ab\xff", Err(Fault::CloseReason { at: 2 })),
            (b"\x03\xe8\xe2\x82", Err(Fault::CloseReason { at: 0 })),
        ] {
            assert_eq!(Close::read(payload), expected, "{payload:?}");
        }
    }
}
