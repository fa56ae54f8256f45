//! What holds whatever bytes arrive: claims that fuzzing tries to break and that tests replay.
//!
//! A claim takes any input and panics where it does not hold. Each is judged by readings of our own
//! ([`strict`]), written from the standards without a look at the codecs.

pub mod house;
pub mod strict;

mod body;
mod connection;
mod deflate;
mod frame;
mod head;
mod pieces;
mod sse;

pub use body::body;
pub use connection::connection;
pub use deflate::deflate;
pub use frame::frame;
pub use head::head;
pub use sse::sse;

/// A claim: it panics on an input for which it does not hold.
pub type Claim = fn(&[u8]);

/// All claims, by the names of their fuzz targets.
pub const CLAIMS: [(&str, Claim); 6] = [
    ("head", head),
    ("body", body),
    ("frame", frame),
    ("deflate", deflate),
    ("sse", sse),
    ("connection", connection),
];
