//! What was refused, in the log: how often for each reason, and not more than once a second.
//!
//! Each refusal is counted where it is made, and its particulars are logged at debug. So the log
//! tells that a server is attacked, and whoever attacks it does not fill its disk.

use std::time::Duration;

use super::engine::Engine;
use super::seat::TimerKey;
use super::time::moment::Moment;
use crate::figures::Refused;
use crate::reactor::Scope;

/// What the log has been told of.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    told: [u64; Refused::COUNT],
    told_in_all: u64,
    /// Until when nothing more is said.
    quiet_until: Option<Moment>,
    /// A timer will say the rest.
    is_timed: bool,
}

impl Engine {
    /// Tells at the end of a tick what was refused, or has it told when it is time again.
    pub(super) fn tell_refusals(&mut self, scope: &mut Scope<'_>) {
        if self.has_told_refusals() {
            return;
        }
        match self.refusals.quiet_until {
            Some(quiet_until) if self.now < quiet_until => {
                if !std::mem::replace(&mut self.refusals.is_timed, true) {
                    scope.after(quiet_until - self.now, TimerKey::Refusals.pack());
                }
            }
            _ => {
                self.tell_refusals_now();
                self.refusals.quiet_until = self.now.checked_add(TOLD_EVERY);
            }
        }
    }

    /// Whether the log has been told of all there is.
    pub(super) fn has_told_refusals(&self) -> bool {
        self.surroundings.figures.refusals_in_all() == self.refusals.told_in_all
    }

    /// The silence is over: what there is to tell is told when this tick settles.
    pub(super) fn end_silence(&mut self) {
        self.refusals.is_timed = false;
        self.refusals.quiet_until = None;
    }

    /// Tells what was refused and not told yet.
    pub(super) fn tell_refusals_now(&mut self) {
        let figures = &self.surroundings.figures;
        for why in Refused::ALL {
            let told = &mut self.refusals.told[why as usize];
            let count = figures.refusals(why) - std::mem::replace(told, figures.refusals(why));
            if count > 0 {
                tracing::warn!(reason = why.name(), count, "refused");
            }
        }
        self.refusals.told_in_all = figures.refusals_in_all();
    }
}

/// How often the log is told of refusals.
const TOLD_EVERY: Duration = Duration::from_secs(1);
