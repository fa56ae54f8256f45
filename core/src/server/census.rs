//! The census: what a server holds, counted one by one, for tests that say nothing is left behind.

use super::engine::Engine;
use crate::reactor::Scope;

/// What a server holds. Where a thing is known in two places, both are counted.
#[doc(hidden)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Connections that are open.
    pub connections: usize,
    /// Sessions of actions.
    pub sessions: usize,
    /// Sessions of services.
    pub services: usize,
    /// Timers the server means to have armed, all that belong to connections and actions ...
    pub timers_of_viewers: usize,
    /// ... and to services and the house itself.
    pub timers_of_house: usize,
    /// Timers armed on the loop.
    pub timers_armed: usize,
    /// Sources registered on the loop.
    pub sources: usize,
    /// Subscriptions, as those who hold them know.
    pub subscriptions: usize,
    /// Subscriptions, as their channels know.
    pub members: usize,
    /// Connections in the roll.
    pub present: usize,
    /// Sessions that are behind.
    pub lines: usize,
    /// What was noted to be done in this tick and is still to do.
    pub unsettled: usize,
    /// Bytes that wait for the connection with the most of them, and are its own.
    pub outbox_bytes_most: usize,
    /// Bytes that wait in all outboxes.
    pub outbox_bytes: usize,
    /// Bytes the ledger knows of: histories, and what waits.
    pub ledger_bytes: usize,
}

impl Engine {
    /// Counts everything there is.
    pub(super) fn census(&self, scope: &Scope<'_>) -> Census {
        let load = scope.load();
        let outboxes = || self.connections.iter().map(|(_, connection)| &connection.outbox);
        let is_service = |seat: &super::seat::Seat| seat.session.peek().request.is_none();
        let services = self.seats.iter().filter(|(_, seat)| is_service(seat));
        let actions = self.seats.iter().filter(|(_, seat)| !is_service(seat));
        let watches = self.connections.iter().filter(|(_, it)| it.watch.is_some()).count();
        let house = [
            self.is_accept_timed,
            self.is_sweep_armed,
            self.departure.is_some(),
            self.stopping.is_some(),
        ];
        let house = house.into_iter().filter(|is_armed| *is_armed).count();
        Census {
            connections: self.connections.len(),
            sessions: actions.clone().count(),
            services: services.clone().count(),
            timers_of_viewers: watches + actions.map(|(_, seat)| seat.timers.len()).sum::<usize>(),
            timers_of_house: house + services.map(|(_, seat)| seat.timers.len()).sum::<usize>(),
            timers_armed: load.timers,
            sources: load.sources,
            subscriptions: self.seats.iter().map(|(_, seat)| seat.memberships.len()).sum(),
            members: self.hub.subscriptions(),
            present: self.surroundings.roll.borrow().holders(),
            lines: self.seats.iter().filter(|(_, seat)| seat.line.is_some()).count(),
            unsettled: self.dirty.len()
                + self.leaving.len()
                + self.turned_away.len()
                + self.behind.len()
                + self.answered.len(),
            outbox_bytes_most: outboxes().map(super::outbox::Outbox::len).max().unwrap_or(0),
            outbox_bytes: outboxes().map(super::outbox::Outbox::len).sum(),
            ledger_bytes: self.hub.ledger().bytes(),
        }
    }
}
