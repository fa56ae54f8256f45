//! Delivery: what was published reaches its subscribers, once a tick.

use super::engine::Engine;
use super::hub::Round;
use super::seat::Seat;
use crate::action::Stage;
use crate::reactor::Scope;
use crate::transport::Form;

impl Engine {
    /// Delivers all that was published until now, subscriber by subscriber, so that each one's
    /// share goes out in one write.
    pub(super) fn deliver(&mut self, scope: &mut Scope<'_>) {
        let mut round = std::mem::take(&mut self.round);
        let mut due = std::mem::take(&mut self.due);
        self.round_count += 1;
        self.hub.begin_round(&mut round);
        for at in 0..round.channels.len() {
            let channel = round.channels[at];
            let mut index = 0;
            while let Some(member) = self.hub.member(channel, index) {
                index += 1;
                if let Some(seat) = member {
                    self.deliver_to(seat, &mut round, &mut due, scope);
                }
            }
        }
        self.hub.end_round(&mut round);
        self.round = round;
        self.due = due;
        if self.hub.has_pending() {
            // Published while this was delivered.
            scope.again();
        }
    }

    /// Delivers its share of the round to one subscriber, of all its channels in order.
    fn deliver_to(
        &mut self,
        key: usize,
        round: &mut Round,
        due: &mut Vec<u32>,
        scope: &mut Scope<'_>,
    ) {
        let seat = &mut self.seats[key];
        if std::mem::replace(&mut seat.round, self.round_count) == self.round_count {
            return;
        }
        let desk = seat.session.peek();
        if desk.stage != Stage::Running {
            return;
        }
        let form = desk.wire.form();
        self.hub.due(round, &seat.subscriptions, due);
        if seat.session.hears() {
            for at in due.iter() {
                if !self.hub.hears(round, &self.seats[key].subscriptions, *at) {
                    continue;
                }
                let message = &round.log[*at as usize].message;
                self.call(key, scope, |session| session.hear(message));
                self.flush_early(key, scope);
            }
            self.leave_event();
        } else if let (Some(form), Some(connection)) = (form, seat.connection) {
            self.pass_on(connection, form, round, due, scope);
        } else {
            for at in due.iter() {
                let message = &round.log[*at as usize].message;
                self.call(key, scope, |session| session.pass_on(message));
                self.flush_early(key, scope);
            }
        }
        if let Some(connection) = self.seats[key].connection {
            self.flush(connection, scope);
        }
    }

    /// Lets a session that has rendered more than an outbox may hold write before it hears more,
    /// so that a reader who takes nothing overflows however much is published in one tick.
    fn flush_early(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Seat { session, connection, .. } = &self.seats[key];
        if let Some(connection) = *connection
            && session.peek().out.len() > self.outbox_bytes_max(connection)
        {
            self.flush(connection, scope);
        }
    }

    /// Adds the shared encodings to a connection's outbox.
    fn pass_on(
        &mut self,
        key: usize,
        form: Form,
        round: &mut Round,
        due: &[u32],
        scope: &mut Scope<'_>,
    ) {
        // What was rendered this tick goes before what was published.
        self.collect(key);
        for at in due {
            let Some(bytes) = round.log[*at as usize].encoded(form) else { continue };
            if !self.has_room(key, scope) {
                return;
            }
            let connection = &mut self.connections[key];
            if connection.outbox.open().capacity() == 0 {
                *connection.outbox.open() = self.buffers.take();
            }
            connection.outbox.push_shared(bytes);
        }
    }
}
