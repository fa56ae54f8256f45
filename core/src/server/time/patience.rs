//! Patience: a loop that was held, or not let run, judges nobody by the time it lost.
//!
//! What a peer did meanwhile may still wait to be read, and what others did for it to be called.

use std::time::Duration;

use super::moment::Moment;
use crate::server::engine::Engine;

impl Engine {
    /// Whether the loop was held when a timer armed for this moment was to fire.
    pub(crate) fn was_held_since(&self, armed_for: Moment) -> bool {
        self.now - armed_for > LATE_MIN
    }

    /// When a deadline is looked at: in a while, if the loop was held when it passed.
    pub(crate) fn in_patience(&self, deadline: Moment) -> Moment {
        match self.was_held_since(deadline) {
            true => self.now.checked_add(PATIENCE).unwrap_or(deadline),
            false => deadline,
        }
    }
}

/// How late a timer fires when the loop was held for too long to judge by it.
///
/// 1 s: less than any deadline's own generosity, more than a tick that is merely long.
const LATE_MIN: Duration = Duration::from_secs(1);

/// How long a loop that was held has to hear what happened meanwhile.
///
/// 1 s: ten thousand connections are read in much less.
const PATIENCE: Duration = Duration::from_secs(1);
