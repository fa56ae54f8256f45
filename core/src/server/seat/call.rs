//! Calls: a session takes its seat, is called, and what it asked for is done.

use crate::action::Live;
use crate::reactor::Scope;
use crate::server::channels::hub::Memberships;
use crate::server::engine::Engine;
use crate::server::seat::{Seat, Timers};

impl Engine {
    /// Seats a session.
    pub(crate) fn seat(&mut self, session: Box<dyn Live>, connection: Option<usize>) -> usize {
        self.next_generation = self.next_generation.wrapping_add(1);
        let desk = session.peek();
        if desk.request.is_some() {
            let (action, transport) = (desk.declaration.name, desk.wire.transport.name());
            self.surroundings.figures.sessions.began(action, transport);
        }
        self.seats.insert(Seat {
            session,
            connection: connection.map(Into::into),
            generation: self.next_generation,
            timers: Timers::default(),
            memberships: Memberships::default(),
            line: None,
            joined: 0,
            round: 0,
            began: self.now,
        })
    }

    /// Calls a session, then does what it asked for. One that has finished hears nothing more:
    /// neither a late reply nor what else was published in the round it finished in.
    pub(crate) fn call(
        &mut self,
        seat: usize,
        scope: &mut Scope<'_>,
        body: impl FnOnce(&mut dyn Live),
    ) {
        let session = &mut self.seats[seat].session;
        let desk = session.desk();
        if desk.is_finished() {
            return;
        }
        if !desk.out.is_there() {
            desk.out = self.buffers.take();
        }
        body(&mut **session);
        self.after_call(seat, scope);
    }

    /// Does what a session asked for in a call that has returned.
    pub(crate) fn after_call(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let desk = self.seats[seat].session.desk();
        if desk.out.is_empty() {
            self.buffers.give(std::mem::take(&mut desk.out));
        }
        self.apply_effects(seat, scope);
        let Seat { session, connection, generation, .. } = &self.seats[seat];
        let desk = session.peek();
        if desk.is_finished() {
            self.say_where_poll_ends(seat);
            return self.conclude(seat, scope);
        }
        if desk.wire.is_batch && desk.wire.has_rendered {
            self.answered.push((seat, *generation));
            self.settle_again(scope);
        }
        let has_output = !desk.out.is_empty() || desk.has_unsent_head();
        if let Some(connection) = *connection
            && has_output
            // One that is read is written to as soon as it has been.
            && self.reading != Some(connection.key())
        {
            self.mark_dirty(connection.key(), scope);
        }
    }
}
