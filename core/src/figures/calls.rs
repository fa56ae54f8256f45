//! Calls: how long each callback of each action has held the loop.

use std::time::Duration;

use super::ranked::{Ranked, is_same};

/// The callbacks that were called, each by the names of its action and its own.
#[derive(Debug, Default)]
pub(crate) struct Calls(Ranked<Timed>);

/// How long one callback has held the loop.
///
/// Calls that come together are timed together, with the reading before and the writing that
/// follows: a clock read for each would cost more than many a call.
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
    pub fn note(&self, action: &'static str, callback: &'static str, calls: u32, took: Duration) {
        let (total, longest) = (Duration::ZERO, Duration::ZERO);
        self.0.change(
            |it| is_same(it.callback, callback) && is_same(it.action, action),
            || Timed { action, callback, calls: 0, total, longest },
            |it| {
                it.calls += u64::from(calls);
                it.total = it.total.saturating_add(took);
                it.longest = it.longest.max(took);
            },
        );
    }

    /// All of them, the one that held the loop longest first.
    pub fn slowest_first(&self) -> Vec<Timed> {
        let mut timed = self.0.all();
        timed.sort_by_key(|it| (std::cmp::Reverse(it.longest), it.action, it.callback));
        timed
    }
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
}
