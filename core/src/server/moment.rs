//! A moment: a time of the loop, in eight bytes.
//!
//! An `Instant` takes sixteen, and every connection keeps several times.

use std::num::NonZeroU64;
use std::ops::Sub;
use std::time::{Duration, Instant};

/// A time since the server began, in nanoseconds, and one so that it is never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

const _: () = assert!(size_of::<Option<Moment>>() == 8);

impl Moment {
    /// The moment that `now` is for a server that began at `epoch`.
    pub fn new(now: Instant, epoch: Instant) -> Self {
        Self(NonZeroU64::MIN.saturating_add(nanos(now.saturating_duration_since(epoch))))
    }

    /// The moment so long after; `None` for one that will not come.
    pub fn checked_add(self, span: Duration) -> Option<Self> {
        self.0.checked_add(nanos(span)).map(Self)
    }
}

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
    fn moments_are_as_far_apart_as_the_instants_they_stand_for() {
        let epoch = Instant::now();
        let at = |millis| Moment::new(epoch + Duration::from_millis(millis), epoch);
        assert_eq!(at(7) - at(2), Duration::from_millis(5));
        assert_eq!(at(2) - at(7), Duration::ZERO);
        assert_eq!(at(2).checked_add(Duration::from_millis(5)), Some(at(7)));
        assert_eq!(at(2).checked_add(Duration::MAX), None);
    }
}
