//! How long things took: counted by length, to within three per cent.

use std::time::Duration;

/// Durations, counted in steps that grow with them.
#[derive(Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

/// Steps from one power of two to the next.
const STEPS: u64 = 32;

impl Histogram {
    pub fn new() -> Self {
        Self { counts: vec![0; (64 * STEPS) as usize], total: 0 }
    }

    /// Counts a duration so many times.
    pub fn note(&mut self, took: Duration, times: u64) {
        self.counts[step(took.as_nanos() as u64)] += times;
        self.total += times;
    }

    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The duration that so great a part of all were within; nothing without any.
    pub fn within(&self, part: f64) -> Duration {
        let rank = (self.total as f64 * part).ceil().max(1.0) as u64;
        let mut seen = 0;
        let reaches = |count: &u64| {
            seen += count;
            seen >= rank
        };
        self.counts
            .iter()
            .position(reaches)
            .map_or(Duration::ZERO, |step| Duration::from_nanos(most(step as u64)))
    }
}

/// The step that so many nanoseconds are counted in.
fn step(nanos: u64) -> usize {
    let power = u64::from(nanos.max(STEPS).ilog2() - STEPS.ilog2());
    (power * STEPS + (nanos >> power)) as usize
}

/// The most nanoseconds that are counted in a step.
fn most(step: u64) -> u64 {
    let power = (step / STEPS).saturating_sub(1);
    ((step - power * STEPS + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_holds_what_is_within_three_per_cent() {
        for nanos in [0, 1, 31, 32, 33, 1000, 65_535, 65_536, 123_456_789, 1 << 40] {
            let most = most(step(nanos) as u64);
            assert!(most >= nanos && most as f64 <= nanos as f64 * 1.032, "{nanos}: {most}");
            assert_eq!(step(most), step(nanos), "{nanos}");
            assert_eq!(step(most + 1), step(nanos) + 1, "{nanos}");
        }
    }

    #[test]
    fn parts_are_of_all_that_was_counted() {
        let mut histogram = Histogram::new();
        for micros in 1..=1000 {
            histogram.note(Duration::from_micros(micros), 1);
        }
        for (part, micros) in [(0.5, 500.0), (0.99, 990.0), (0.999, 999.0), (1.0, 1000.0)] {
            let within = histogram.within(part).as_secs_f64() * 1e6;
            assert!((micros..=micros * 1.032).contains(&within), "{part}: {within}");
        }
    }

    #[test]
    fn what_came_together_counts_as_many() {
        let mut histogram = Histogram::new();
        histogram.note(Duration::from_micros(10), 99);
        histogram.note(Duration::from_micros(1000), 1);
        assert!(histogram.within(0.99) < Duration::from_micros(11));
        assert!(histogram.within(0.999) >= Duration::from_micros(1000));
        assert_eq!(Histogram::new().within(0.5), Duration::ZERO);
    }
}
