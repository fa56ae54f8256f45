//! A search that is far away.

use std::io;
use std::thread;
use std::time::Duration;

use crate::search::{Picture, Search};

/// Another search, answering as late as one across the network would.
pub struct Distant<S> {
    pub search: S,
    pub latency: Duration,
}

impl<S: Search> Search for Distant<S> {
    fn find(&self, keyword: &str) -> io::Result<Option<Picture>> {
        thread::sleep(self.latency);
        self.search.find(keyword)
    }
}
