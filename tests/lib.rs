//! Support for the tests over real sockets.

/// The README, whose programs compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
