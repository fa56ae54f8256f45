//! What can keep a server from serving.

use std::fmt;
use std::io;

use crate::action::DeferError;
use crate::reactor::PostError;
use crate::routes::RouteError;
use crate::transport::RenderError;

/// What can keep a server from serving, or a callback from answering.
///
/// It is shown the same way by `{}` and `{:?}`, so that a `main` that returns it ends in one
/// readable line.
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    Address {
        /// As it was given.
        address: String,
        /// The system's error.
        error: io::Error,
    },
    /// Origins, a network or a header that are none, in what the server was set to.
    Setting(String),
    /// The routes cannot all be.
    Routes(RouteError),
    /// Any other refusal of the system.
    Io(io::Error),
    /// Deferred work has no result.
    Defer(DeferError),
    /// A value cannot be written or read as JSON.
    Json(serde_json::Error),
    /// An event cannot be published.
    Publish(RenderError),
    /// The server, or the loop it ran on, has ended.
    Gone,
    /// The loop is behind: so much waits for it that no more may.
    Behind {
        /// How much waits.
        waiting: usize,
        /// What is counted: calls, or bytes.
        unit: &'static str,
    },
}

impl Error {
    pub(super) fn address(address: &str, error: io::Error) -> Self {
        Self::Address { address: address.to_owned(), error }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { address, error } if error.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "the address `{address}` is in use; stop who uses it or choose another")
            }
            Self::Address { address, error } => {
                write!(f, "the address `{address}` cannot be listened on: {error}")
            }
            Self::Setting(fault) => f.write_str(fault),
            Self::Routes(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::Defer(error) => error.fmt(f),
            Self::Json(error) => error.fmt(f),
            Self::Publish(error) => error.fmt(f),
            Self::Gone => f.write_str("the server has ended"),
            Self::Behind { waiting, unit } => {
                write!(f, "the loop is behind: `{waiting}` {unit} wait for it; post less, or later")
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address { error, .. } | Self::Io(error) => Some(error),
            Self::Routes(error) => Some(error),
            Self::Defer(error) => Some(error),
            Self::Json(error) => Some(error),
            Self::Publish(error) => Some(error),
            Self::Setting(_) | Self::Gone | Self::Behind { .. } => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<RouteError> for Error {
    fn from(error: RouteError) -> Self {
        Self::Routes(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<RenderError> for Error {
    fn from(error: RenderError) -> Self {
        Self::Publish(error)
    }
}

impl From<PostError> for Error {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Gone => Self::Gone,
            PostError::Full { waiting } => Self::Behind { waiting, unit: "calls" },
        }
    }
}

impl From<DeferError> for Error {
    fn from(error: DeferError) -> Self {
        Self::Defer(error)
    }
}
