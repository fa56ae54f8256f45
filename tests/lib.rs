//! What the behaviour tests share: a server on a real socket and clients that talk to it, and a
//! stage for actions on every transport.

#![doc(test(attr(deny(warnings))))]

pub mod stage;
mod support;

pub use support::*;

/// The README, whose programs compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
