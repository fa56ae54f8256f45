//! Presence: who enters and leaves is written in the roll, and told to those who watch.

use crate::action::{Change, Desk, Entry};
use crate::figures::Refused;
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::seat::{Seat, TimerKey};

impl Engine {
    /// Makes the session in `seat` present, unless there are too many already.
    pub(crate) fn enter_roll(&mut self, seat: usize, entry: Entry, scope: &mut Scope<'_>) {
        let members_max = self.limits.presence_members_max;
        if self.surroundings.roll.borrow().is_full(&entry, members_max) {
            let Entry { channel, key, .. } = entry;
            self.surroundings.figures.refused(Refused::PresenceTooMany);
            return tracing::debug!(
                %channel,
                %key,
                members_max,
                "one was not made present: the channel has as many as it may"
            );
        }
        let changes = self.surroundings.roll.borrow_mut().enter(seat, entry);
        self.tell_changes(changes, scope);
        self.watch_departures(scope);
    }

    /// Makes it present no more, at its own wish.
    pub(crate) fn leave_roll(&mut self, seat: usize, channel: &str, scope: &mut Scope<'_>) {
        let change = self.surroundings.roll.borrow_mut().leave(seat, channel);
        self.tell_changes(change, scope);
    }

    /// The session in `seat` has ended: it is waited for. When the server stops nobody leaves, for
    /// those who watch are about to go as well.
    pub(crate) fn end_presence(&mut self, seat: usize, scope: &mut Scope<'_>) {
        if self.is_closed() || self.surroundings.roll.borrow().holders() == 0 {
            return;
        }
        let now = self.surroundings.now.get();
        let changes = self.surroundings.roll.borrow_mut().end(seat, now);
        self.tell_changes(changes, scope);
        self.watch_departures(scope);
    }

    /// Those leave who have not come back in time.
    pub(crate) fn depart(&mut self, scope: &mut Scope<'_>) {
        self.departure = None;
        if self.is_closed() {
            return;
        }
        let now = self.surroundings.now.get();
        let changes = self.surroundings.roll.borrow_mut().depart(now);
        self.tell_changes(changes, scope);
        self.watch_departures(scope);
    }

    fn tell_changes(&mut self, changes: impl IntoIterator<Item = Change>, scope: &mut Scope<'_>) {
        for change in changes {
            self.publish(change.publishing(), scope);
        }
    }

    /// Has one timer go off when the next one leaves. It is left as it is when that one comes back:
    /// it then finds the one after.
    fn watch_departures(&mut self, scope: &mut Scope<'_>) {
        let Some(next) = self.surroundings.roll.borrow().next_departure() else { return };
        if self.departure.is_some_and(|(_, at)| at <= next) {
            return;
        }
        if let Some((timer, _)) = self.departure {
            scope.cancel(timer);
        }
        let wait = next.saturating_duration_since(scope.now());
        let timer = scope.after(wait, TimerKey::Departure.pack());
        self.departure = Some((timer, next));
    }

    /// Tells one seat who is present on the channel, before anything that follows from it.
    pub(crate) fn tell_here(&mut self, seat: usize, channel: u32, scope: &mut Scope<'_>) -> usize {
        let roll = self.surroundings.roll.borrow();
        let here = self.hub.here(channel, self.now, |name| roll.here(name));
        drop(roll);
        let Seat { session, line, memberships, .. } = &mut self.seats[seat];
        if let Some(line) = line {
            line.tells_standing = true;
            let through = line.read_through().unwrap_or(self.hub.last_offset());
            let Desk { request, wire, .. } = session.peek();
            let cursor = request.as_ref().and_then(|request| request.cursor(wire.transport));
            let standing = self.hub.standing_in_roll(memberships, through, cursor.as_deref());
            if let Some(cursor) = standing {
                session.desk().answer_stands_at(&cursor);
            }
        }
        self.say(seat, &here, true, scope);
        here.payload_bytes()
    }
}
