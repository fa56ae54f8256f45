//! How long the ticks of a loop were: a histogram with fixed bounds.

use std::time::Duration;

/// How long each tick held its loop, from the return of its wait to its own end.
///
/// So long at most whatever came meanwhile had to wait: an event, a timer, a call. Waiting itself
/// does not count, nor does what a loop around this one does between two turns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    counts: [u64; Self::BOUNDS.len() + 1],
    total: Duration,
    longest: Duration,
}

impl Ticks {
    /// The upper bounds of the classes that ticks are counted in, inclusive; longer ones are a
    /// class of their own.
    ///
    /// From what a single small message takes to what a viewer calls broken.
    pub const BOUNDS: [Duration; 12] = [
        Duration::from_micros(50),
        Duration::from_micros(100),
        Duration::from_micros(250),
        Duration::from_micros(500),
        Duration::from_millis(1),
        Duration::from_micros(2500),
        Duration::from_millis(5),
        Duration::from_millis(10),
        Duration::from_millis(25),
        Duration::from_millis(100),
        Duration::from_millis(250),
        Duration::from_secs(1),
    ];

    /// Notes a tick. Most are short, and so found at once.
    pub(super) fn note(&mut self, took: Duration) {
        let class = Self::BOUNDS.iter().position(|bound| took <= *bound);
        self.counts[class.unwrap_or(Self::BOUNDS.len())] += 1;
        self.total = self.total.saturating_add(took);
        self.longest = self.longest.max(took);
    }

    /// How many ticks were in each class; the last is of those longer than every bound.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How long they were together: the time this loop was busy.
    pub fn total(&self) -> Duration {
        self.total
    }

    /// How long the longest was.
    pub fn longest(&self) -> Duration {
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_belongs_to_the_first_class_that_holds_it() {
        let mut ticks = Ticks::default();
        let tick_of = |micros| Duration::from_micros(micros);
        for (class, micros) in [(0, 0), (0, 50), (1, 51), (7, 10_000), (11, 1_000_000)] {
            let before = ticks.counts()[class];
            ticks.note(tick_of(micros));
            assert_eq!(ticks.counts()[class], before + 1, "{micros} µs");
        }
        ticks.note(tick_of(1_000_001));
        assert_eq!(ticks.counts().last(), Some(&1));
        assert_eq!(ticks.longest(), tick_of(1_000_001));
        assert_eq!(ticks.total(), tick_of(2_010_102));
    }

    #[test]
    fn the_bounds_ascend() {
        assert!(Ticks::BOUNDS.is_sorted_by(|a, b| a < b));
    }
}
