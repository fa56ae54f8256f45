//! Farewells: what a finished session held is freed at once, and at settle it says goodbye.

use crate::action::{Desk, FinishReason, drop_net};
use crate::reactor::Scope;
use crate::server::engine::Engine;

impl Engine {
    /// Frees what a finished session held; it says goodbye at settle.
    pub(crate) fn detach(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let entry = &mut self.seats[seat];
        for timer in std::mem::take(&mut entry.timers) {
            scope.cancel(timer.armed);
        }
        self.hub.leave_all(&mut entry.memberships, self.now);
        entry.line = None;
        self.compression.contexts.forget(seat);
        if let Some(place) = entry.connection.take() {
            self.connections[place.key()].seat = None;
        }
        self.buffers.give(std::mem::take(&mut entry.session.desk().out));
        self.leaving.push(seat);
        self.end_presence(seat, scope);
        self.settle_again(scope);
    }

    /// Runs `on_finish` of those that finished, and forgets them.
    pub(crate) fn say_goodbyes(&mut self, scope: &mut Scope<'_>) {
        let mut leaving = std::mem::take(&mut self.leaving);
        for seat in leaving.drain(..) {
            self.say_goodbye(seat, scope);
        }
        if self.leaving.is_empty() {
            self.leaving = leaving;
        }
    }

    /// Tells a trial who finished, and why.
    pub(crate) fn note_farewell(&self, desk: &Desk) {
        if let Some(farewells) = &self.farewells {
            let remote = desk.request.as_ref().and_then(|request| request.remote_addr());
            farewells.borrow_mut().push((remote, desk.reason()));
        }
    }

    /// Runs `on_finish` of a session that has finished, and forgets it.
    pub(crate) fn say_goodbye(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let session = &self.seats[seat].session;
        let (desk, has_started) = (session.peek(), session.has_started());
        if has_started {
            self.note_farewell(desk);
        }
        let (action, transport) = (desk.declaration.name, desk.wire.transport.name());
        if desk.request.is_some() {
            let reason = match desk.reason() {
                FinishReason::Failed if !has_started => "refused",
                reason => reason.name(),
            };
            self.surroundings.figures.sessions.ended(action, transport, reason);
        }
        self.seats[seat].session.farewell();
        self.apply_effects(seat, scope);
        let mut seat = self.seats.remove(seat);
        self.keep_block_of(seat.session.desk());
        drop_net(action, || drop(seat));
        self.surroundings.note_own_work();
    }

    /// Keeps the block that the head of an ended request lies in, for the next one.
    pub(crate) fn keep_block_of(&mut self, desk: &mut Desk) {
        if let Some(request) = desk.request.take() {
            self.head_room.reuse(request.into_head().into_block());
        }
    }
}
