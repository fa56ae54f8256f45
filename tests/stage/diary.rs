//! A diary: what actions lived through, in order.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Entries of all who share it.
#[derive(Clone, Debug, Default)]
pub struct Diary(Rc<RefCell<Vec<String>>>);

impl Diary {
    /// Writes an entry.
    pub fn note(&self, entry: impl fmt::Display) {
        self.0.borrow_mut().push(entry.to_string());
    }

    /// Expects exactly these entries since the last time it was read.
    #[track_caller]
    pub fn expect(&self, entries: &[&str]) {
        assert_eq!(self.read(), entries, "the entries of the diary");
    }

    /// Takes the entries since the last time it was read.
    pub fn read(&self) -> Vec<String> {
        self.0.take()
    }
}
