//! What the behaviour tests share: a server on a real socket, and clients that talk to it.

mod support;

pub use support::*;
