//! A diary: what actions lived through, told to the test.

use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

use crate::PATIENCE;

/// What an action writes with.
#[derive(Clone)]
pub struct Pen(Sender<String>);

/// What the test reads.
pub struct Diary(Receiver<String>);

/// A fresh diary and the first pen for it.
pub fn diary() -> (Pen, Diary) {
    let (sender, receiver) = channel();
    (Pen(sender), Diary(receiver))
}

impl Pen {
    /// Writes an entry; whether it is still read is not the writer's business.
    pub fn write(&self, entry: impl fmt::Display) {
        drop(self.0.send(entry.to_string()));
    }
}

impl Diary {
    /// The next entry, waited for.
    ///
    /// # Panics
    /// If none comes in time.
    #[track_caller]
    pub fn next(&self) -> String {
        self.0.recv_timeout(PATIENCE).expect("an entry is written")
    }

    /// The next entry, if it is written already.
    pub fn glance(&self) -> Option<String> {
        self.0.try_recv().ok()
    }

    /// All entries that are left, up to the end of the last pen: complete only once the server
    /// has been closed.
    ///
    /// # Panics
    /// If a pen is still held somewhere.
    #[track_caller]
    pub fn rest(self) -> Vec<String> {
        let mut entries = Vec::new();
        loop {
            match self.0.recv_timeout(PATIENCE) {
                Ok(entry) => entries.push(entry),
                Err(RecvTimeoutError::Disconnected) => return entries,
                Err(RecvTimeoutError::Timeout) => panic!("a pen is still held: {entries:?}"),
            }
        }
    }
}
