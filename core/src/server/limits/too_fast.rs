//! What becomes of who is too fast: a choice, where the other limits are numbers.

/// What becomes of a WebSocket that sends messages faster than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooFast {
    /// It is read from only as fast as it may send: TCP holds its sender back, and nothing is lost.
    HoldBack,
    /// It is closed with 1008.
    Close,
}
