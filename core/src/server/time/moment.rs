//! A moment: a time of the loop, in eight bytes, where an `Instant` takes sixteen; and a stamp, in
//! four, for the several times that every connection keeps.

use std::num::{NonZeroU32, NonZeroU64};
use std::ops::Sub;
use std::time::{Duration, Instant};

/// A time since the server began, in nanoseconds, and one so that it is never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

/// The end of the millisecond that a moment lies in; after 49 days the stamps start over.
///
/// It is no earlier than what it was made of, so no deadline that follows from it comes early. It
/// stands for the last moment that has it: a connection on which nothing has happened for 49 days
/// is taken for one on which something just has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(NonZeroU32);

const _: () = assert!(size_of::<Option<Moment>>() == 8);
const _: () = assert!(size_of::<Option<Stamp>>() == 4);

impl Moment {
    /// The moment that `now` is for a server that began at `epoch`.
    pub fn new(now: Instant, epoch: Instant) -> Self {
        Self::of_nanos(nanos(now.saturating_duration_since(epoch)))
    }

    /// The moment so many nanoseconds after the server began.
    pub fn of_nanos(nanos: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(nanos))
    }

    /// Nanoseconds since the server began.
    pub fn nanos(self) -> u64 {
        self.0.get() - 1
    }

    /// The moment so long after; `None` for one that will not come.
    pub fn checked_add(self, span: Duration) -> Option<Self> {
        self.0.checked_add(nanos(span)).map(Self)
    }
}

impl Moment {
    /// What is kept of it where there is room for no more.
    pub fn stamp(self) -> Stamp {
        Stamp(NonZeroU32::MIN.saturating_add((self.millis() % STAMPS) as u32))
    }

    /// Milliseconds that had begun by then.
    fn millis(self) -> u64 {
        self.nanos().div_ceil(NANOS_PER_MILLI)
    }
}

impl Stamp {
    /// The last moment before the end of the present millisecond that has this stamp.
    pub fn moment(self, now: Moment) -> Moment {
        let [then, now_stamp] = [self, now.stamp()].map(|stamp| u64::from(stamp.0.get()));
        let age = (now_stamp + STAMPS - then) % STAMPS;
        let millis = now.millis().saturating_sub(age);
        Moment::of_nanos(millis.saturating_mul(NANOS_PER_MILLI))
    }

    /// The later one of two.
    pub fn later(self, other: Self, now: Moment) -> Self {
        if other.moment(now) > self.moment(now) { other } else { self }
    }
}

/// How many stamps there are, none of which is zero.
const STAMPS: u64 = u32::MAX as u64;

const NANOS_PER_MILLI: u64 = 1_000_000;

impl Sub for Moment {
    type Output = Duration;

    /// How long ago `earlier` was; nothing if it is later.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }
}

/// Nanoseconds, at most the 584 years that fit.
fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_millisecond_its_moment_ends_in() {
        let epoch = Instant::now();
        let at = |micros| Moment::new(epoch + Duration::from_micros(micros), epoch);
        for (micros, ends_at) in [(0, 0), (1, 1_000), (1_000, 1_000), (7_500, 8_000)] {
            let stamp = at(micros).stamp();
            for later in [0, 400, 1_000, 3_600_000_000] {
                assert_eq!(stamp.moment(at(micros + later)), at(ends_at), "{micros}, {later}");
            }
        }
        let (first, then) = (at(2_000).stamp(), at(3_000).stamp());
        assert_eq!(first.later(then, at(9_000)), then);
        assert_eq!(then.later(first, at(9_000)), then);
    }

    #[test]
    fn stamps_start_over_after_49_days_and_nothing_comes_before_its_time() {
        let epoch = Instant::now();
        let at = |millis| Moment::new(epoch + Duration::from_millis(millis), epoch);
        for millis in STAMPS - 3..STAMPS + 3 {
            for later in [0, 1, 2, 5, 86_400_000] {
                let moment = at(millis).stamp().moment(at(millis + later));
                assert!(moment >= at(millis) && moment - at(millis) <= Duration::from_millis(1));
            }
        }
    }

    #[test]
    fn moments_are_as_far_apart_as_the_instants_they_stand_for() {
        let epoch = Instant::now();
        let at = |millis| Moment::new(epoch + Duration::from_millis(millis), epoch);
        assert_eq!(at(7) - at(2), Duration::from_millis(5));
        assert_eq!(at(2) - at(7), Duration::ZERO);
        assert_eq!(at(2).checked_add(Duration::from_millis(5)), Some(at(7)));
        assert_eq!(at(2).checked_add(Duration::MAX), None);
    }
}
