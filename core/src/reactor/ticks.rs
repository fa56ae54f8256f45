//! How long the ticks of a loop were: a histogram with fixed bounds.

use std::time::Duration;

/// How long each tick held its loop, from the return of its wait to its own end.
///
/// So long at most whatever came meanwhile had to wait: an event, a timer, a call. Waiting itself
/// does not count, nor does what a loop around this one does between two turns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    counts: [u64; Self::BOUNDS.len() + 1],
    total_nanos: u64,
    longest_nanos: u64,
}

impl Ticks {
    /// The upper bounds of the classes that ticks are counted in, inclusive; longer ones are a
    /// class of their own.
    ///
    /// From what a single small message takes to what a viewer calls broken.
    pub const BOUNDS: [Duration; 11] = [
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

    /// Notes a tick of so many nanoseconds. Most are short, and so found at once.
    pub(super) fn note(&mut self, nanos: u64) {
        let class = BOUNDS_NANOS.iter().position(|bound| nanos <= *bound);
        self.counts[class.unwrap_or(BOUNDS_NANOS.len())] += 1;
        self.total_nanos = self.total_nanos.saturating_add(nanos);
        self.longest_nanos = self.longest_nanos.max(nanos);
    }

    /// How many ticks were in each class; the last is of those longer than every bound.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How long they were together: the time this loop was busy.
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.total_nanos)
    }

    /// How long the longest was.
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest_nanos)
    }
}

/// The bounds as they are compared with.
const BOUNDS_NANOS: [u64; Ticks::BOUNDS.len()] = {
    let mut nanos = [0; Ticks::BOUNDS.len()];
    let mut at = 0;
    while at < nanos.len() {
        nanos[at] = Ticks::BOUNDS[at].as_nanos() as u64;
        at += 1;
    }
    nanos
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_belongs_to_the_first_class_that_holds_it() {
        let mut ticks = Ticks::default();
        for (class, micros) in [(0, 0), (0, 100), (1, 101), (6, 10_000), (10, 1_000_000)] {
            let before = ticks.counts()[class];
            ticks.note(micros * 1000);
            assert_eq!(ticks.counts()[class], before + 1, "{micros} µs");
        }
        ticks.note(1_000_001_000);
        assert_eq!(ticks.counts().last(), Some(&1));
        assert_eq!(ticks.longest(), Duration::from_micros(1_000_001));
        assert_eq!(ticks.total(), Duration::from_micros(2_010_202));
    }

    #[test]
    fn the_bounds_ascend() {
        assert!(Ticks::BOUNDS.is_sorted_by(|a, b| a < b));
    }
}
