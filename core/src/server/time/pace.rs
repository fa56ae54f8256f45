//! A pace: how many things may happen in a second, and how many at once.
//!
//! The generic cell rate algorithm: of all that happened, one moment is kept. It is when a meter
//! that runs at the pace will have caught up.

use std::time::Duration;

use super::moment::Moment;

/// So many a second, so many at once after a silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// The time each takes of the meter's.
    each: Duration,
    /// How far the meter may run ahead of the clock before one more is too many.
    ahead_max: Duration,
}

/// What is kept of all that happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meter(Option<Moment>);

const _: () = assert!(size_of::<Meter>() == 8, "every WebSocket has one");

impl Pace {
    /// A pace of `per_second`, of which `burst` may come at once. Zero of either counts as one.
    pub fn new(per_second: u32, burst: u32) -> Self {
        let each = Duration::from_secs(1) / per_second.max(1);
        Self { each, ahead_max: each * (burst.max(1) - 1) }
    }

    /// How long the next has to wait; nothing if it may happen now.
    pub fn wait(&self, meter: Meter, now: Moment) -> Duration {
        let ahead = meter.0.map_or(Duration::ZERO, |caught_up| caught_up - now);
        ahead.saturating_sub(self.ahead_max)
    }

    /// Notes that it happened.
    pub fn note(&self, meter: &mut Meter, now: Moment) {
        let from = meter.0.map_or(now, |caught_up| caught_up.max(now));
        meter.0 = from.checked_add(self.each);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    struct Clock(Instant);

    impl Clock {
        fn at(&self, millis: u64) -> Moment {
            Moment::new(self.0 + Duration::from_millis(millis), self.0)
        }
    }

    /// How many may happen at this time.
    fn room(pace: Pace, meter: &mut Meter, now: Moment) -> u32 {
        let mut count = 0;
        while pace.wait(*meter, now).is_zero() {
            pace.note(meter, now);
            count += 1;
        }
        count
    }

    #[test]
    fn a_burst_may_come_at_once_and_then_so_many_a_second() {
        let (clock, pace) = (Clock(Instant::now()), Pace::new(10, 5));
        let mut meter = Meter::default();
        assert_eq!(room(pace, &mut meter, clock.at(0)), 5);
        assert_eq!(pace.wait(meter, clock.at(0)), Duration::from_millis(100));
        assert_eq!(room(pace, &mut meter, clock.at(99)), 0);
        assert_eq!(room(pace, &mut meter, clock.at(100)), 1);
        assert_eq!(room(pace, &mut meter, clock.at(400)), 3);
    }

    #[test]
    fn silence_saves_up_a_burst_and_no_more() {
        let (clock, pace) = (Clock(Instant::now()), Pace::new(10, 5));
        let mut meter = Meter::default();
        room(pace, &mut meter, clock.at(0));
        assert_eq!(room(pace, &mut meter, clock.at(60_000)), 5);
    }

    #[test]
    fn nothing_a_second_counts_as_one() {
        let (clock, pace) = (Clock(Instant::now()), Pace::new(0, 0));
        let mut meter = Meter::default();
        assert_eq!(room(pace, &mut meter, clock.at(0)), 1);
        assert_eq!(room(pace, &mut meter, clock.at(999)), 0);
        assert_eq!(room(pace, &mut meter, clock.at(1000)), 1);
    }
}
