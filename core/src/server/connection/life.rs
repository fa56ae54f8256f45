//! The life of a stream: how long it lasts at the most, so that a server's clients spread anew over
//! the servers there are, and nothing that is forgotten lasts for ever.
//!
//! It ends its transport's way, with a time to come back after; where its channels keep a history
//! its viewer misses nothing.

use std::time::Duration;

use crate::action::FinishReason;
use crate::protocol::websocket::close_code::GOING_AWAY;
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::seat::Seat;
use crate::server::stop::retry_within;

impl Engine {
    /// How long a stream may live: between half and all of the longest life, another part for each.
    pub(crate) fn life_of(&self, seat: &Seat) -> Option<Duration> {
        let declared = seat.session.peek().declaration.stream_life_max;
        let longest = declared.or(self.limits.stream_life_max)?;
        Some(longest / 2 + part_of(longest / 2, seat.generation))
    }

    /// Ends a stream that has lived as long as it may.
    pub(crate) fn end_life(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let retry = retry_within(self.limits.shed_retry_max, scope);
        self.call(seat, scope, |session| session.shed(retry, Some(AGED), FinishReason::TimedOut));
    }
}

/// How a socket is closed that has lived as long as it may: its client is to come back.
const AGED: (u16, &str) = (GOING_AWAY, "the connection has lasted as long as it may");

/// A part of a span, for the number of who gets it: however many there are, and in whatever order
/// they came, their parts lie evenly apart (multiples of the golden ratio).
fn part_of(span: Duration, number: u32) -> Duration {
    let part = u64::from(number.wrapping_mul(GOLDEN));
    let nanos = (span.as_nanos() * u128::from(part)) >> u32::BITS;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The golden ratio's part of 2^32, and odd, so that each number has a part of its own.
const GOLDEN: u32 = 0x9E37_79B9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_that_comes_at_once_goes_little_by_little() {
        let span = Duration::from_secs(1000);
        for first in [0, 7, u32::MAX - 500] {
            let mut parts: Vec<_> =
                (0..1000).map(|at| part_of(span, first.wrapping_add(at))).collect();
            parts.sort();
            assert!(parts.iter().all(|part| *part < span));
            let most = parts.windows(10).map(|ten| ten[9] - ten[0]).min();
            assert!(most > Some(Duration::from_secs(4)), "ten within {most:?}");
        }
    }
}
