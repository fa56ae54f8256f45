//! An audit: whether what a server holds is the same wherever it is written down.
//!
//! For tests that nobody's timer, subscription or source is left behind. How much there is, is in
//! the gauges.

use std::collections::BTreeSet;

use super::engine::Engine;
use super::seat::TimerKey;
use crate::reactor::Scope;

impl Engine {
    /// Compares all books, on a loop that runs nothing else and at the end of a tick. An outbox may
    /// hold as many bytes beyond its limit as one tick may add.
    ///
    /// # Errors
    /// The first that does not hold.
    pub(super) fn audit(&self, bytes_per_tick: usize, scope: &Scope<'_>) -> Result<(), String> {
        let own_sources = [self.listener.is_some(), self.signals.is_some()];
        let own_sources = own_sources.into_iter().filter(|is_there| *is_there).count();
        let members = self.seats.iter().map(|(_, seat)| seat.memberships.len()).sum();
        agree("sources", self.connections.len() + own_sources, scope.load().sources)?;
        agree("subscriptions", members, self.hub.subscriptions())?;
        agree("tasks for this tick", 0, self.unsettled())?;
        self.audit_timers(scope)?;
        self.audit_sessions()?;
        let outboxes = self.connections.iter().map(|(_, connection)| connection.outbox.len());
        let (most, max) = (outboxes.max(), self.limits.outbox_bytes_max + bytes_per_tick);
        match most.filter(|most| *most > max) {
            Some(most) => Err(format!("`{most}` bytes wait for one connection, and {max} may")),
            None => Ok(()),
        }
    }

    /// Each timer belongs to a session or a purpose of the house, each deadline to a connection.
    fn audit_timers(&self, scope: &Scope<'_>) -> Result<(), String> {
        let timers: usize = self.seats.iter().map(|(_, seat)| seat.timers.len()).sum();
        let (owned, of_house): (Vec<_>, Vec<_>) = scope
            .timer_keys()
            .partition(|key| matches!(TimerKey::unpack(*key), TimerKey::Seat { .. }));
        let purposes: BTreeSet<u64> = of_house.iter().copied().collect();
        agree("timers", timers, owned.len())?;
        let watched = self.calendar.keys().filter(|key| self.connections.contains(*key)).count();
        agree("deadlines", watched, self.calendar.len())?;
        agree("timers of the house", purposes.len(), of_house.len())
    }

    /// Each session of an action has a connection of its own, and who is present has a session.
    fn audit_sessions(&self) -> Result<(), String> {
        let seated =
            self.connections.iter().filter_map(|(_, connection)| connection.seat()).count();
        let actions = self.seats.iter().filter(|(_, seat)| seat.session.peek().request.is_some());
        agree("sessions", seated, actions.count())?;
        let (present, sessions) = (self.surroundings.roll.borrow().holders(), self.seats.len());
        match present > sessions {
            true => Err(format!("{present} hold what is present, of {sessions} sessions")),
            false => Ok(()),
        }
    }

    /// What was noted to be done in this tick and is still to do.
    fn unsettled(&self) -> usize {
        let (dirty, leaving, behind) = (self.dirty.len(), self.leaving.len(), self.behind.len());
        dirty + leaving + behind + self.turned_away.len() + self.answered.len()
    }
}

fn agree(what: &str, known: usize, there: usize) -> Result<(), String> {
    match known == there {
        true => Ok(()),
        false => Err(format!("{there} {what} are there, and {known} should be")),
    }
}
