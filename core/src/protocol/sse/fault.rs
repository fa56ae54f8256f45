//! What cannot be said in an event stream, and what is too much of it.

/// Why an event cannot be written, or a stream not be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// An id has a character that would end its line, or make browsers ignore it.
    #[error("event id `{}` has a line break or NUL; an id is one line", id.escape_debug())]
    Id {
        /// The id.
        id: String,
    },
    /// The name of an event has a character that would end its line, or NUL, which no name needs.
    #[error("event name `{}` has a line break or NUL; a name is one line", name.escape_debug())]
    Name {
        /// The name.
        name: String,
    },
    /// An event that arrives is longer than is taken.
    #[error("event is longer than the {max} bytes that are taken")]
    EventTooLong {
        /// The limit, in bytes.
        max: usize,
    },
}
