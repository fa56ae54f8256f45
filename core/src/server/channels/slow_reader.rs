//! Slow readers: what is published to one who can take nothing now waits in its line, by the
//! rules of the channel.

use super::hub::Round;
use super::line::{Line, Pushed, Step};
use crate::action::{FinishReason, Overflow, Stage};
use crate::figures::{Dropped, Refused};
use crate::reactor::Scope;
use crate::server::connection::Phase;
use crate::server::engine::Engine;
use crate::server::seat::Seat;
use crate::transport::Transport;

impl Engine {
    /// Whether what is published to a seat has to wait: it is catching up, its connection takes
    /// nothing now, or it has still to start.
    pub(crate) fn is_behind(&self, seat: usize) -> bool {
        let entry = &self.seats[seat];
        let desk = entry.session.peek();
        let is_stuck = self.is_stuck(seat);
        // What is part of one answer has no later.
        let can_wait = desk.wire.transport != Transport::Regular;
        entry.line.is_some() || is_stuck && can_wait || desk.stage != Stage::Running
    }

    /// Whether its connection takes nothing now.
    fn is_stuck(&self, seat: usize) -> bool {
        self.seats[seat].connection().is_some_and(|key| !self.connections[key].is_writable)
    }

    /// Puts messages of the round in a seat's line.
    pub(crate) fn put_in_line(
        &mut self,
        seat: usize,
        round: &Round,
        due: &[u32],
        scope: &mut Scope<'_>,
    ) {
        let (mut waits, mut room) = (0, usize::MAX);
        if let Some(key) = self.seats[seat].connection() {
            waits = self.connections[key].outbox.len();
            room = self.outbox_bytes_max(key).saturating_sub(waits);
        }
        let is_stuck = self.is_stuck(seat);
        let entry = &mut self.seats[seat];
        let line = entry.line.get_or_insert_with(|| Box::new(Line::new(self.hub.ledger())));
        if !is_stuck && line.bytes() == 0 {
            // It is behind for another reason, and not slow: all of this leaves with the next tick.
            room = usize::MAX;
        }
        let figures = &self.surroundings.figures;
        let mut dropped = 0;
        let mut slow_on = None;
        for at in due {
            let publication = &round.log[*at as usize];
            if !self.hub.hears(publication, &entry.memberships) {
                // It has unsubscribed on hearing one before.
                continue;
            }
            let channel = publication.channel;
            let has_cursors = self.hub.has_cursors(channel);
            let overflow = self.hub.overflow(channel);
            match line.push(publication, overflow, has_cursors, room) {
                Pushed::Kept => {}
                Pushed::Dropped(count) => {
                    dropped += count;
                    figures.dropped(policy(overflow), count);
                }
                Pushed::Full => {
                    slow_on = publication.message.channel();
                    break;
                }
            }
        }
        let waits = waits + line.bytes();
        let desk = entry.session.desk();
        desk.note_strain(waits, dropped);
        match slow_on {
            Some(channel) => self.close_slow(seat, channel, waits, scope),
            None => {
                let can_go_on = |key: usize| self.connections[key].is_writable;
                if self.seats[seat].connection().is_none_or(can_go_on) {
                    self.list(seat, scope);
                }
            }
        }
    }

    /// Has one who has finished take along what was said to it before that.
    pub(crate) fn empty_line(&mut self, seat: usize, key: usize) {
        let Seat { session, line, .. } = &mut self.seats[seat];
        let Some(mut line) = line.take() else { return };
        line.stop_reading(&mut self.hub);
        let form = session.peek().wire.form().filter(|_| !session.hears());
        let Some(form) = form else { return };
        while let Step::Say { publication, is_quiet: false } = line.next(&mut self.hub) {
            self.push_encoded(seat, key, &publication, form);
        }
    }

    /// Closes a reader who is too slow for a channel.
    fn close_slow(&mut self, seat: usize, channel: &str, waits: usize, scope: &mut Scope<'_>) {
        let Some(key) = self.seats[seat].connection() else { return };
        let action = self.seats[seat].session.peek().declaration.name;
        tracing::debug!(action, channel, waits, "a reader was closed: it takes less than is said");
        self.turn_out(seat, key, waits, scope);
    }

    /// Closes a reader, and tells it why as soon as it takes anything: what waits is gone.
    pub(crate) fn turn_out(
        &mut self,
        seat: usize,
        key: usize,
        waits: usize,
        scope: &mut Scope<'_>,
    ) {
        self.surroundings.figures.refused(Refused::SlowReader);
        let mut farewell = Vec::new();
        let wire = &self.seats[seat].session.peek().wire;
        if wire.is_head_sent {
            wire.too_slow(&format!("too slow: {waits} bytes wait"), &mut farewell);
        }
        self.finish_session(key, FinishReason::Overflowed, scope);
        let connection = &mut self.connections[key];
        connection.outbox.cut(connection.head_left.among(connection.outbox.len()));
        connection.outbox.open().extend_from_slice(&farewell);
        connection.lingers = true;
        connection.phase = Phase::Closing;
        connection.since = self.stamp;
        self.watch(key, scope);
        self.mark_dirty(key, scope);
    }
}

/// The policy that drops, as it is counted.
fn policy(overflow: Overflow) -> Dropped {
    match overflow {
        Overflow::Latest => Dropped::Latest,
        Overflow::DropNewest => Dropped::Newest,
        Overflow::DropOldest | Overflow::Close => Dropped::Oldest,
    }
}
