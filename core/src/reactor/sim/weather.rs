//! Weather: what a simulated network does to those on it, by chance.
//!
//! All of it is what systems do: whoever keeps to the rules of an edge-triggered selector is cut
//! off now and then, and never confused.

use std::time::Duration;

use crate::reactor::random::Random;

/// What befalls those on a simulated network. Odds are out of a thousand.
///
/// ```
/// use std::time::Duration;
/// use crampon::reactor::Weather;
///
/// let slow_line = Weather { short: 500, delay_max: Duration::from_millis(300), ..Weather::CALM };
/// assert_ne!(slow_line, Weather::CALM);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Reads and writes that take only a part of what they could, often a single byte.
    pub short: u16,
    /// Reads and writes that would block though they could go on; an event follows.
    pub blocked: u16,
    /// Reads, writes and accepts that a signal interrupts: they are to be tried again at once.
    pub interrupted: u16,
    /// Events that are told twice in a round, half by half if they have two.
    pub doubled: u16,
    /// Events that are told only in a later round.
    pub held_back: u16,
    /// Rounds in which an end is told that it is ready for anything, though it may not be.
    pub spurious: u16,
    /// Whether the events of a round come in any order.
    pub is_shuffled: bool,
    /// How late what a far end sends may arrive; it arrives in order.
    pub delay_max: Duration,
    /// Writes before which the far end stops to take anything for a while ...
    pub stalls: u16,
    /// ... and for how long at the most.
    pub stall_max: Duration,
    /// Reads and writes in which the connection is reset.
    pub resets: u16,
    /// Accepts that fail: no descriptor, no memory, or the far end is gone already.
    pub refusals: u16,
    /// Waits in which the clock jumps ahead, as when the system was busy elsewhere ...
    pub jumps: u16,
    /// ... and how far at the most. Whoever advances the clock finds it that much further on.
    pub jump_max: Duration,
}

/// What befalls one read or write.
pub(super) enum Gust {
    /// Nothing.
    Calm,
    /// It takes at most so many bytes.
    Short(usize),
    /// It would block.
    Blocked,
    /// A signal interrupts it.
    Interrupted,
    /// The far end takes nothing for so long.
    Stall(Duration),
    /// The connection is reset.
    Reset,
}

impl Weather {
    /// Nothing befalls anybody: what networks in memory are like without any weather.
    pub const CALM: Self = Self {
        short: 0,
        blocked: 0,
        interrupted: 0,
        doubled: 0,
        held_back: 0,
        spurious: 0,
        is_shuffled: false,
        delay_max: Duration::ZERO,
        stalls: 0,
        stall_max: Duration::ZERO,
        resets: 0,
        refusals: 0,
        jumps: 0,
        jump_max: Duration::ZERO,
    };

    /// Everything that costs time and no connection, now and then.
    pub const ROUGH: Self = Self {
        short: 200,
        blocked: 100,
        interrupted: 20,
        doubled: 100,
        held_back: 100,
        spurious: 50,
        is_shuffled: true,
        delay_max: Duration::from_millis(50),
        stalls: 10,
        stall_max: Duration::from_secs(1),
        resets: 0,
        refusals: 20,
        jumps: 5,
        jump_max: Duration::from_millis(500),
    };

    /// As [`ROUGH`](Self::ROUGH), with connections that are lost in it.
    pub const STORMY: Self = Self { resets: 5, stalls: 20, ..Self::ROUGH };

    pub(super) fn is_calm(&self) -> bool {
        *self == Self::CALM
    }

    /// What befalls the next read or write.
    pub(super) fn gust(&self, chance: &mut Random, is_write: bool) -> Gust {
        if self.is_calm() {
            Gust::Calm
        } else if strikes(self.resets, chance) {
            Gust::Reset
        } else if strikes(self.interrupted, chance) {
            Gust::Interrupted
        } else if strikes(self.blocked, chance) {
            Gust::Blocked
        } else if is_write && strikes(self.stalls, chance) {
            Gust::Stall(up_to(self.stall_max, chance))
        } else if strikes(self.short, chance) {
            // As often a few bytes as many.
            let bits = chance.next() % 14;
            Gust::Short(1 + (chance.next() % (1 << bits)) as usize)
        } else {
            Gust::Calm
        }
    }
}

impl Default for Weather {
    fn default() -> Self {
        Self::CALM
    }
}

/// Whether something of these odds happens.
pub(super) fn strikes(odds: u16, chance: &mut Random) -> bool {
    odds > 0 && chance.next() % 1000 < u64::from(odds)
}

/// Some time, at most this.
pub(super) fn up_to(max: Duration, chance: &mut Random) -> Duration {
    let nanos = u64::try_from(max.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(chance.next() % nanos.saturating_add(1).max(1))
}
