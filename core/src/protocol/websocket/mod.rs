//! WebSocket framing in both roles (RFC 6455): bytes in, events out, and events into bytes.
//!
//! Nothing here knows a socket, a clock or a random number: deadlines belong to whoever owns the
//! connection, and a client brings its own masking keys. One extension is spoken, compression
//! (RFC 7692): it is agreed on in the [`handshake`], and done by [`deflate`].
//!
//! [`Decoder`] reads what the other side sends. The `encode_*` functions write what a server
//! sends; those of [`masked`] are their counterparts for a client. [`handshake`] is the HTTP that
//! comes before, [`Closing`] the exchange that ends it all.

pub mod close_code;
mod closing;
mod decoder;
pub mod deflate;
mod encoder;
mod event;
mod fault;
pub mod handshake;
mod header;
mod mask;
pub mod masked;
mod unfinished;
mod utf8;

#[cfg(test)]
mod tests;

pub use close_code::is_sendable_close_code;
pub use closing::{Closing, Moment};
pub use decoder::Decoder;
pub use encoder::{
    Mark, abandon_message, begin_message, encode_binary, encode_close, encode_frame,
    encode_message, encode_ping, encode_pong, encode_text, end_message, resume_message,
};
pub use event::{Close, Decoded, Deflated, Event, Whole};
pub use fault::Fault;
pub use header::{Opcode, frame_boundary};

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Accepts connections: demands a mask on every frame, and sends none.
    Server,
    /// Opens connections: masks every frame, and accepts none that is masked.
    Client,
}

/// The longest payload of a control frame, in bytes (RFC 6455, section 5.5).
pub const CONTROL_BYTES_MAX: usize = 125;
