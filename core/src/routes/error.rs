//! Why routes cannot be.

use std::fmt;
use std::path::PathBuf;

use http::Method;

use crate::files::FolderError;

/// Why routes cannot be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum RouteError {
    /// Two patterns match the same paths.
    Conflict {
        /// The later one.
        pattern: String,
        /// The earlier one.
        with: String,
    },
    /// A pattern answers one method twice.
    Twice {
        /// The method.
        method: Method,
        /// The pattern.
        pattern: String,
    },
    /// A pattern that does not begin with `/`.
    NoSlash {
        /// The pattern.
        pattern: String,
    },
    /// A pattern that is none.
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        error: String,
    },
    /// A folder of files that cannot be opened.
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        error: FolderError,
    },
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { pattern, with } => {
                write!(f, "the route `{pattern}` conflicts with `{with}`: both match some paths")
            }
            Self::Twice { method, pattern } => {
                write!(f, "the route `{pattern}` answers {method} twice")
            }
            Self::NoSlash { pattern } => {
                write!(f, "the route `{pattern}` does not begin with `/`; write `/{pattern}`")
            }
            Self::Pattern { pattern, error } => {
                write!(f, "the route `{pattern}` is not a pattern: {error}")
            }
            Self::Folder { error, .. } => error.fmt(f),
        }
    }
}

impl std::error::Error for RouteError {}
