//! What the programs here share: a server in a process of its own, and what is first said to it.

mod child;
mod opening;

pub use child::Child;
pub use opening::{open, open_on, sse_head, websocket_head};
