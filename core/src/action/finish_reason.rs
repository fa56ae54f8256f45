//! Why an action ended.

use std::fmt;

/// Why an action ended, for `#[on_finish]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishReason {
    /// It called `finish` or `close`, or its one answer was given.
    Finished,
    /// The client left; a WebSocket that closed in good order says with which code.
    Disconnected {
        /// The close code the client sent (RFC 6455, section 7.4), if it sent one.
        code: Option<u16>,
    },
    /// A deadline passed: a poll, an answer, a pong, or bytes nobody took.
    TimedOut,
    /// The client left more unread than the outbox holds, or of all clients the most when memory
    /// ran out.
    Overflowed,
    /// The server is stopping.
    ServerStopping,
    /// A callback returned an error or panicked.
    Failed,
}

impl FinishReason {
    /// The name of the reason in figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Disconnected { .. } => "disconnected",
            Self::TimedOut => "timed_out",
            Self::Overflowed => "overflowed",
            Self::ServerStopping => "server_stopping",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Disconnected { code: None } => f.write_str("disconnected"),
            Self::Disconnected { code: Some(code) } => write!(f, "disconnected with code {code}"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Overflowed => f.write_str("overflowed"),
            Self::ServerStopping => f.write_str("server stopping"),
            Self::Failed => f.write_str("failed"),
        }
    }
}
