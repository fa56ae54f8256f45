//! What finds pictures, wherever they are.

use std::io;

use serde::Serialize;

/// A search for pictures. It may block: it is asked on a thread of the pool, never on the loop.
pub trait Search: Send + Sync {
    /// The picture that fits a keyword best, or `None` if none does.
    ///
    /// # Errors
    /// The source's own, when it cannot be asked.
    fn find(&self, keyword: &str) -> io::Result<Option<Picture>>;
}

/// A picture that was found.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// What was looked for.
    pub keyword: String,
    /// Where a browser gets it.
    pub url: String,
    /// What it shows.
    pub title: String,
}
