//! A seat: one session in the house, with its timers and subscriptions.

pub mod call;
pub mod effects;
pub mod farewell;
pub mod few;

use super::channels::hub::Memberships;
use super::channels::line::Line;
use super::place::Place;
use super::time::moment::Moment;
use crate::action::{Live, Timer};
use crate::reactor;
use few::Few;

/// One session, an action's or a service's, and what ends with it.
pub(crate) struct Seat {
    pub session: Box<dyn Live>,
    /// The connection it speaks on; a service has none, nor one that has just finished.
    pub connection: Option<Place>,
    /// Tells a late reply from one for whoever sits here now.
    pub generation: u32,
    pub timers: Timers,
    pub memberships: Memberships,
    /// What it has still to hear, if it is behind.
    pub line: Option<Box<Line>>,
    /// The tick in which it first subscribed to a channel that keeps a history; 0 before.
    pub joined: u32,
    /// The round it was last delivered to in.
    pub round: u32,
    pub began: Moment,
}

/// What a session has armed: most have the one timer they declare, or none.
pub(crate) type Timers = Few<SeatTimer>;

/// A timer of the session, armed on the loop.
pub(crate) struct SeatTimer {
    pub id: Timer,
    pub armed: reactor::Timer,
    pub is_periodic: bool,
}

impl Seat {
    /// The key of its connection.
    #[inline]
    pub fn connection(&self) -> Option<usize> {
        self.connection.map(Place::key)
    }
}

const _: () = assert!(size_of::<Seat>() <= 80, "every idle connection has one");

/// Who a timer of the loop belongs to, as the 64 bits it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimerKey {
    /// A timer of a session.
    Seat { seat: usize, id: Timer },
    /// The next deadline of all connections.
    Alarm,
    /// The time to accept again.
    Accept,
    /// The time a stopping server may take.
    Stop,
    /// The time to end more streams.
    Pace,
    /// The time to tell the supervisor that the loop turns.
    Watchdog,
    /// The time to look through the past.
    Sweep,
    /// The time at which one leaves who was present, unless it is back.
    Departure,
    /// The time to tell the log what was refused meanwhile.
    Refusals,
}

impl TimerKey {
    pub fn pack(self) -> u64 {
        match self {
            Self::Seat { seat, id } => SEAT | (seat as u64) << 32 | u64::from(id.0),
            Self::Alarm => HOUSE | ALARM,
            Self::Accept => HOUSE | ACCEPT,
            Self::Stop => HOUSE | STOP,
            Self::Pace => HOUSE | PACE,
            Self::Watchdog => HOUSE | WATCHDOG,
            Self::Sweep => HOUSE | SWEEP,
            Self::Departure => HOUSE | DEPARTURE,
            Self::Refusals => HOUSE | REFUSALS,
        }
    }

    pub fn unpack(key: u64) -> Self {
        let index = key & !KIND;
        match key & KIND {
            SEAT => Self::Seat { seat: (index >> 32) as usize, id: Timer(index as u32) },
            _ if index == ALARM => Self::Alarm,
            _ if index == ACCEPT => Self::Accept,
            _ if index == STOP => Self::Stop,
            _ if index == PACE => Self::Pace,
            _ if index == WATCHDOG => Self::Watchdog,
            _ if index == SWEEP => Self::Sweep,
            _ if index == REFUSALS => Self::Refusals,
            _ => Self::Departure,
        }
    }
}

const KIND: u64 = 3 << 62;
const SEAT: u64 = 0;
/// The house's own, by what follows.
const HOUSE: u64 = 1 << 62;
const ACCEPT: u64 = 0;
const STOP: u64 = 1;
const SWEEP: u64 = 2;
const DEPARTURE: u64 = 3;
const REFUSALS: u64 = 4;
const PACE: u64 = 5;
const WATCHDOG: u64 = 6;
const ALARM: u64 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timer_keys_survive_packing() {
        for key in [
            TimerKey::Seat { seat: 0, id: Timer(0) },
            TimerKey::Seat { seat: (1 << 30) - 1, id: Timer(u32::MAX) },
            TimerKey::Alarm,
            TimerKey::Accept,
            TimerKey::Stop,
            TimerKey::Pace,
            TimerKey::Watchdog,
            TimerKey::Sweep,
            TimerKey::Departure,
            TimerKey::Refusals,
        ] {
            assert_eq!(TimerKey::unpack(key.pack()), key);
        }
    }
}
