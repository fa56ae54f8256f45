//! The schedule by which a stopping server ends its streams. Knows no server.

use std::time::Duration;

use crate::server::time::moment::Moment;

/// So many a second since a moment, the first tenth of them at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    per_second: u64,
    began: Moment,
    done: u64,
}

impl Schedule {
    /// The schedule for `count` to be done: `per_second`, or what it takes to be through `within`.
    pub fn of(count: usize, per_second: u32, within: Duration, began: Moment) -> Self {
        let needed = (count as f64 / within.as_secs_f64().max(f64::MIN_POSITIVE)).ceil() as u64;
        Self { per_second: u64::from(per_second).max(needed).max(1), began, done: 0 }
    }

    /// How many are due by now.
    pub fn due(&self, now: Moment) -> u64 {
        let elapsed = u64::try_from((now - self.began).as_millis()).unwrap_or(u64::MAX);
        let by_now = elapsed.saturating_mul(self.per_second) / 1_000;
        let at_once = self.per_second.div_ceil(10);
        by_now.saturating_add(at_once).saturating_sub(self.done)
    }

    /// Notes that one is done.
    pub fn step(&mut self) {
        self.done += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// How many are done at each of these milliseconds, if all that are due are.
    fn done_by(mut pace: Schedule, epoch: Instant, times: &[u64]) -> Vec<u64> {
        let at = |millis: u64| Moment::new(epoch + Duration::from_millis(millis), epoch);
        let done = times.iter().map(|millis| {
            for _ in 0..pace.due(at(*millis)) {
                pace.step();
            }
            pace.done
        });
        done.collect()
    }

    #[test]
    fn the_first_are_due_at_once_and_the_others_at_the_pace() {
        let epoch = Instant::now();
        let began = Moment::new(epoch, epoch);
        for (count, per_second, done) in [
            // As many a second as is said ...
            (1_000, 1_000, [100, 110, 600, 1_100]),
            // ... one at least ...
            (1, 0, [1, 1, 1, 2]),
            // ... and as many as it takes to be through in time.
            (20_000, 1_000, [500, 550, 3_000, 5_500]),
        ] {
            let pace = Schedule::of(count, per_second, Duration::from_secs(4), began);
            assert_eq!(done_by(pace, epoch, &[0, 10, 500, 1_000]), done, "{count}");
        }
    }

    #[test]
    fn without_time_all_are_due_at_once() {
        let epoch = Instant::now();
        let pace = Schedule::of(5, 1, Duration::ZERO, Moment::new(epoch, epoch));
        assert!(pace.due(Moment::new(epoch, epoch)) >= 5);
    }
}
