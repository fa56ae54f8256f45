//! Strict readings of what goes over the wire, each from its standard and none from our codecs.
//!
//! They are slow and plain on purpose: what a judge does must be seen at a glance.

mod chunks;
mod ear;
mod events;
mod frames;
mod head;
mod inflate;

pub use chunks::chunks;
pub use ear::{Asked, Ear, Heard};
pub use events::{Block, events};
pub use frames::{Ending, Frame, Said, messages};
pub use head::{Framed, Head};
pub use inflate::inflate;
