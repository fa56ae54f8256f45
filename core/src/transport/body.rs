//! The body of an answer, as far as its wire has to know.

/// How the body of an answer is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// The head is not out yet.
    Undecided,
    /// By its length; so many bytes are still to come.
    Length { left: Left },
    /// Chunk by chunk.
    Chunked,
    /// By the end of the connection.
    Close,
}

/// Bytes that are still to come, at any even address, so that they stand with two bytes beside
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(2))]
pub(crate) struct Left(pub u64);

impl Left {
    pub const NOTHING: Self = Self(0);
}
