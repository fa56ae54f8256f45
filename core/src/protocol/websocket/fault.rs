//! What a peer can do wrong on a WebSocket, and the code it is told with (RFC 6455, section 7.4.1).

use super::{Opcode, close_code};

/// Why the bytes of a peer are no WebSocket frames, or not ones we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A reserved bit is set (section 5.2).
    #[error(
        "reserved bits `{bits:03b}` are set; {} must be 0",
        if *.deflates { "the second and third" } else { "without an extension all three" }
    )]
    ReservedBits {
        /// RSV1 to RSV3, RSV1 the highest of the three.
        bits: u8,
        /// Whether RSV1 has a meaning, because compression is agreed.
        deflates: bool,
    },
    /// A frame says that it is compressed and cannot be (RFC 7692, section 6.1).
    #[error(
        "{opcode} frame has RSV1 set; only the first frame of a message says that it is compressed"
    )]
    DeflatedFrame {
        /// Which frame.
        opcode: Opcode,
    },
    /// The opcode means nothing (section 5.2).
    #[error("opcode `{opcode:#x}` is reserved; frames have 0x0 to 0x2 or 0x8 to 0xa")]
    Opcode {
        /// The opcode as it arrived.
        opcode: u8,
    },
    /// A control frame comes in fragments (section 5.5).
    #[error("{opcode} frame is not final; control frames are never fragmented")]
    FragmentedControl {
        /// Which control frame.
        opcode: Opcode,
    },
    /// A control frame announces more than 125 bytes (section 5.5).
    #[error("{opcode} frame is longer than 125 bytes, the most a control frame carries")]
    LongControl {
        /// Which control frame.
        opcode: Opcode,
    },
    /// A client sent a frame without a mask (section 5.1).
    #[error("{opcode} frame of the client is not masked; every one of its frames must be")]
    Unmasked {
        /// Which frame.
        opcode: Opcode,
    },
    /// A server sent a frame with a mask (section 5.1).
    #[error("{opcode} frame of the server is masked; none of its frames may be")]
    Masked {
        /// Which frame.
        opcode: Opcode,
    },
    /// The length is spelled with more bytes than it needs (section 5.2).
    #[error("payload length `{bytes}` is not in its shortest form")]
    LengthForm {
        /// The length as announced, in bytes.
        bytes: u64,
    },
    /// The highest bit of a 64-bit length is set (section 5.2).
    #[error("payload length `{bytes:#x}` has its highest bit set; it must be 0")]
    LengthBit {
        /// The length as announced, in bytes.
        bytes: u64,
    },
    /// A continuation continues nothing (section 5.4).
    #[error("continuation frame has no message to continue; text or binary would begin one")]
    NothingToContinue,
    /// A message begins before the last one is over (section 5.4).
    #[error("{opcode} frame begins inside a message that is not over; expected a continuation")]
    MessageInMessage {
        /// Which frame.
        opcode: Opcode,
    },
    /// A message is longer than we take.
    #[error("message of `{bytes}` bytes is longer than the {max} that are taken")]
    MessageTooLong {
        /// What has been announced of it so far, in bytes.
        bytes: u64,
        /// The limit, in bytes.
        max: usize,
    },
    /// A message grows longer than we take while it is inflated; the rest of it is not looked at.
    #[error("message inflates to more than the {max} bytes that are taken")]
    InflatesTooLong {
        /// The limit, in bytes.
        max: usize,
    },
    /// A compressed message is none (RFC 7692, section 7.2.2).
    #[error("compressed message is no DEFLATE data; after `00 00 ff ff` it must end with a block")]
    Deflate,
    /// A message comes in more fragments than we take.
    #[error("message comes in more than {max} fragments; fewer and longer ones would be right")]
    TooManyFragments {
        /// The limit.
        max: u32,
    },
    /// Text is not UTF-8 (section 8.1).
    #[error("text is not UTF-8 from byte {at} on")]
    Utf8 {
        /// The first byte that is not part of a character, counted from zero.
        at: usize,
    },
    /// A close frame holds one byte, half a code (section 5.5.1).
    #[error("close frame holds 1 byte; expected none, or a code of 2 and a reason")]
    CloseCut,
    /// A close code is one that no frame may carry (section 7.4).
    #[error("close code `{code}` may not be sent; 1000-1003, 1007-1014 and 3000-4999 may")]
    CloseCode {
        /// The code.
        code: u16,
    },
    /// The reason in a close frame is not UTF-8 (section 5.5.1).
    #[error("close reason is not UTF-8 from byte {at} on")]
    CloseReason {
        /// The first byte that is not part of a character, counted from zero.
        at: usize,
    },
}

impl Fault {
    /// The code to close the connection with.
    pub fn close_code(&self) -> u16 {
        match self {
            // No sentence gives the code for data that does not inflate; it is data that is not
            // what its message says it is (RFC 6455, section 7.4.1).
            Self::Utf8 { .. } | Self::CloseReason { .. } | Self::Deflate => {
                close_code::INVALID_PAYLOAD
            }
            Self::MessageTooLong { .. }
            | Self::InflatesTooLong { .. }
            | Self::TooManyFragments { .. } => close_code::TOO_LONG,
            _ => close_code::PROTOCOL_ERROR,
        }
    }
}
