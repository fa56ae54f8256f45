//! Calls: how long each callback of each action has held the loop.

use std::cell::RefCell;
use std::time::Duration;

/// The callbacks that were called, each by the names of its action and its own. Names are written
/// in the program, so there are only so many.
#[derive(Debug, Default)]
pub(crate) struct Calls(RefCell<Vec<Timed>>);

/// How long one callback has held the loop.
///
/// Calls that come together are timed together, with the writing that follows: a clock read for
/// each would cost more than many a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timed {
    pub action: &'static str,
    pub callback: &'static str,
    /// How often it was called.
    pub calls: u64,
    /// How long that took in all.
    pub total: Duration,
    /// How long those took that came together, at the most.
    pub longest: Duration,
}

impl Calls {
    /// Notes calls that came together, and how long they took.
    ///
    /// Who is found moves a place forward, so that those called most are found first.
    pub fn note(&self, action: &'static str, callback: &'static str, calls: u32, took: Duration) {
        let mut timed = self.0.borrow_mut();
        let is_it = |it: &Timed| is_same(it.callback, callback) && is_same(it.action, action);
        let at = match timed.iter().position(is_it) {
            Some(0) => 0,
            Some(at) => {
                timed.swap(at, at - 1);
                at - 1
            }
            None => {
                let (total, longest) = (Duration::ZERO, Duration::ZERO);
                timed.push(Timed { action, callback, calls: 0, total, longest });
                timed.len() - 1
            }
        };
        let it = &mut timed[at];
        it.calls += u64::from(calls);
        it.total = it.total.saturating_add(took);
        it.longest = it.longest.max(took);
    }

    /// All of them, the one that held the loop longest first.
    pub fn slowest_first(&self) -> Vec<Timed> {
        let mut timed = self.0.borrow().clone();
        timed.sort_by_key(|it| (std::cmp::Reverse(it.longest), it.action, it.callback));
        timed
    }
}

/// Whether two names are one: the same text, which is nearly always at the same place.
pub(super) fn is_same(a: &'static str, b: &'static str) -> bool {
    std::ptr::eq(a, b) || a == b
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn calls_are_timed_by_the_names_of_action_and_callback() {
        let calls = Calls::default();
        calls.note("Chat", "said", 1, millis(3));
        calls.note("Chat", "joined", 1, millis(9));
        calls.note("Clock", "said", 1, millis(1));
        calls.note("Chat", "said", 4, millis(5));
        let told: Vec<_> = calls
            .slowest_first()
            .into_iter()
            .map(|it| (it.action, it.callback, it.calls, it.total, it.longest))
            .collect();
        assert_eq!(
            told,
            [
                ("Chat", "joined", 1, millis(9), millis(9)),
                ("Chat", "said", 5, millis(8), millis(5)),
                ("Clock", "said", 1, millis(1), millis(1)),
            ]
        );
    }

    #[test]
    fn the_callback_that_is_called_most_is_found_first() {
        let calls = Calls::default();
        for name in ["a", "b", "c", "c", "c"] {
            calls.note("Action", name, 1, millis(1));
        }
        assert_eq!(calls.0.borrow()[0].callback, "c");
    }
}
