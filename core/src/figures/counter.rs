//! A counter: a number that only grows.

use std::cell::Cell;

/// Counts from when the server began.
#[derive(Debug, Default)]
pub(crate) struct Counter(Cell<u64>);

impl Counter {
    pub fn add(&self, count: u64) {
        self.0.set(self.0.get().wrapping_add(count));
    }

    pub fn count(&self) -> u64 {
        self.0.get()
    }
}
