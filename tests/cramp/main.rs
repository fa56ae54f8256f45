//! Cramp's own test suite, restated: what it expected of an action is expected of ours, and where
//! our contract is another one the reason stands beside the test. The numbers are Cramp's order.
//!
//! The modules `endings`, `order` and `reach` are what its suite never covered.

mod answers;
mod endings;
mod errors;
mod order;
mod reach;
mod streams;
mod timers;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// What callbacks note, in the order they run.
#[derive(Clone, Default)]
struct Diary(Rc<RefCell<Vec<String>>>);

impl Diary {
    fn note(&self, entry: impl Into<String>) {
        self.0.borrow_mut().push(entry.into());
    }

    /// Takes all that was noted.
    fn read(&self) -> Vec<String> {
        self.0.take()
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
