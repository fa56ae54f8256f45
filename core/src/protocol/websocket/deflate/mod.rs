//! permessage-deflate: messages compressed one by one (RFC 7692).
//!
//! An [`Offer`] and its answer make an [`Agreement`]. A [`Deflater`] writes compressed messages,
//! an [`Inflater`] reads those that a decoder hands out, whole; an [`Inflation`] reads one as it
//! arrives. Who keeps them, one for each connection or one for many, is not known here.
//!
//! Compression tells who can see lengths something of what is compressed together (the attacks
//! known as CRIME and BREACH): a secret and what an attacker has put beside it do not belong into
//! one message, nor, where a context is taken over, into one connection.

mod agreement;
mod deflater;
mod inflater;
mod inflation;
mod offer;
mod parameters;
mod past;
mod window_bits;

#[cfg(test)]
mod tests;

pub use agreement::{Agreement, Direction};
pub use deflater::Deflater;
pub use inflater::Inflater;
pub use inflation::Inflation;
pub use offer::{Offer, Terms, agree};
pub use parameters::{NAME, ParameterFault};
pub use past::Past;
pub use window_bits::WindowBits;

/// What every flush ends with, and no message carries (section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
