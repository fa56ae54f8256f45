//! Catching up: who comes back, or could take nothing for a while, hears what it missed.
//!
//! Each one that is behind gets a part a tick, through its ordinary outbox and only as fast as it
//! takes it; what it still has to hear stays where it is, in the histories and by reference.

use super::hub::Publication;
use super::line::Step;
use crate::action::{Desk, Gap, Message, Request, Stage};
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::place::Place;
use crate::server::seat::Seat;
use crate::transport::{Form, Transport};

/// How far one who is behind got in a tick.
enum Progress {
    /// It is behind no more, or has gone.
    Done,
    /// It can take no more for now, and an event will say when it can.
    Stuck,
    /// It has had its part of this tick.
    Fed,
}

impl Engine {
    /// Has a seat's line looked at when the tick settles.
    pub(crate) fn list(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let Some(line) = &mut self.seats[seat].line else { return };
        if !std::mem::replace(&mut line.is_listed, true) {
            self.behind.push(seat);
            self.settle_again(scope);
        }
    }

    /// Gives everybody who is behind a part of what it has still to hear.
    pub(crate) fn catch_up(&mut self, scope: &mut Scope<'_>) {
        let mut behind = std::mem::take(&mut self.behind);
        let mut left = REPLAY_BYTES_PER_TICK;
        let mut unfed = Vec::new();
        for seat in behind.drain(..) {
            if left == 0 {
                unfed.push(seat);
                continue;
            }
            let Some(line) = self.seats.get_mut(seat).and_then(|seat| seat.line.as_mut()) else {
                continue;
            };
            line.is_listed = false;
            if matches!(self.advance(seat, &mut left, scope), Progress::Fed) {
                self.list(seat, scope);
            }
        }
        if !unfed.is_empty() {
            // Who got nothing in this tick comes first in the next.
            unfed.append(&mut self.behind);
            self.behind = unfed;
            scope.again();
        } else if self.behind.is_empty() {
            self.behind = behind;
        }
    }

    /// Says to one seat what comes next in its line, as long as it takes it.
    fn advance(&mut self, seat: usize, left: &mut usize, scope: &mut Scope<'_>) -> Progress {
        let generation = self.seats[seat].generation;
        let (mut fed, mut gaps) = (0, 0);
        loop {
            let Some(entry) = self.seats.get_mut(seat) else { return Progress::Done };
            let connection = entry.connection();
            let Some(line) = entry.line.as_mut() else { return Progress::Done };
            if entry.generation != generation || entry.session.peek().stage != Stage::Running {
                // One that has still to start is listed again when it has.
                return Progress::Done;
            }
            if let Some(key) = connection {
                if !self.connections[key].is_writable {
                    return Progress::Stuck;
                }
                if fed >= REPLAY_PART_BYTES {
                    let is_reading = line.is_reading_any();
                    self.flush(key, scope);
                    if is_reading {
                        return Progress::Fed;
                    }
                    // What was published while it was behind it takes as everybody does.
                    fed = 0;
                    continue;
                }
            } else if fed >= REPLAY_PART_BYTES {
                return Progress::Fed;
            }
            match line.next(&mut self.hub) {
                Step::Say { publication, is_quiet } => {
                    if publication.message.has_cursor && !is_quiet && !entry.session.hears() {
                        line.told_through = Some(publication.offset);
                    }
                    let bytes = publication.payload_bytes() + 1;
                    fed += bytes;
                    if line.is_reading_any() {
                        *left = left.saturating_sub(bytes);
                    }
                    self.say(seat, &publication, is_quiet, scope);
                }
                Step::Here { channel } => {
                    let bytes = self.tell_here(seat, channel, scope);
                    fed += bytes;
                    *left = left.saturating_sub(bytes);
                }
                Step::Gap(gap) => {
                    self.tell_gap(seat, &gap, scope);
                    gaps += 1;
                    if gaps == GAPS_PER_PART {
                        return Progress::Fed;
                    }
                }
                Step::CaughtUp => return self.caught_up(seat, scope),
            }
        }
    }

    /// Says one publication to one seat.
    pub(crate) fn say(
        &mut self,
        seat: usize,
        publication: &Publication,
        is_quiet: bool,
        scope: &mut Scope<'_>,
    ) {
        let Seat { session, connection, .. } = &self.seats[seat];
        let Desk { wire, has_cursors, .. } = session.peek();
        let message = &publication.message;
        let has_cursor = message.has_cursor && !is_quiet;
        if session.hears() {
            self.surroundings.figures.said_alone.add(1);
            return self.call(seat, scope, |session| session.hear(message, has_cursor));
        }
        // An id that is no cursor, or would take the viewer's back, is not told.
        let is_nameless = !has_cursor && *has_cursors && message.id.is_some();
        match (wire.form(), connection.map(Place::key)) {
            _ if is_nameless => {
                self.surroundings.figures.said_alone.add(1);
                let nameless = Message { id: None, ..message.clone() };
                self.call(seat, scope, |session| session.pass_on(&nameless, false));
            }
            (Some(form), Some(key)) => {
                self.collect(key);
                let plain = match self.keeps_encodings() {
                    true => publication.encoded(form).cloned(),
                    false => publication.encoded_once(form),
                };
                let Some(plain) = plain else { return };
                if let Some(bytes) = self.encoding_for(seat, key, publication, (form, &plain)) {
                    self.connections[key].outbox.push_reference(bytes);
                }
                self.mark_dirty(key, scope);
            }
            _ if wire.is_batch => {
                let Some(item) = publication.encoded(Form::Json) else { return };
                self.surroundings.figures.shared.add(1);
                let cursor = message.id().filter(|_| has_cursor);
                self.call(seat, scope, |session| session.pass_on_item(item, cursor));
            }
            _ => {
                self.surroundings.figures.said_alone.add(1);
                self.call(seat, scope, |session| session.pass_on(message, has_cursor));
            }
        }
    }

    /// Tells a viewer that it has missed something, and lets its action say where things stand.
    fn tell_gap(&mut self, seat: usize, gap: &Gap, scope: &mut Scope<'_>) {
        let Seat { session, line, memberships, .. } = &mut self.seats[seat];
        let Some(line) = line else { return };
        line.tells_standing = true;
        let answers = session.answers_gaps();
        if answers {
            // What the action says now includes all that was said before, but not who is there.
            line.clear(memberships, &mut self.hub);
            self.hub.read_rolls(memberships, line);
        }
        let through = line.read_through().unwrap_or(self.hub.last_offset());
        let awaits_roll = line.awaits_roll();
        if let Some(cursor) = self.hub.standing_in_gap(memberships, through, awaits_roll) {
            session.desk().answer_stands_at(&cursor);
        }
        self.call(seat, scope, |session| session.tell_gap(gap));
        if answers && self.seats.contains(seat) {
            self.call(seat, scope, |session| session.miss(gap));
        }
    }

    /// There is nothing more in a seat's line.
    fn caught_up(&mut self, seat: usize, scope: &mut Scope<'_>) -> Progress {
        let entry = &mut self.seats[seat];
        let Some(line) = &entry.line else { return Progress::Done };
        let ends_stream = line.ends_stream;
        if line.tells_standing {
            // One who is about to go hears that when it is back, if it is known where it stands:
            // it may have read already what is on its way to the others.
            let shapes = entry.session.hears() || entry.session.answers_gaps();
            let can_go = ends_stream && !shapes;
            if self.hub.has_pending() && !can_go {
                // What is delivered in this tick comes first.
                return Progress::Fed;
            }
            if line.told_through.is_none_or(|told| told < self.hub.delivered_through()) {
                self.tell_standing(seat, scope);
            }
        }
        self.seats[seat].line = None;
        if ends_stream {
            self.shed(seat, scope);
            return Progress::Done;
        }
        let desk = self.seats[seat].session.peek();
        let is_poll = desk.wire.transport == Transport::LongPolling && !desk.wire.has_rendered;
        if is_poll && desk.request.as_ref().is_some_and(Request::is_conditional) {
            self.end_poll(seat, scope);
        }
        self.tell_drained(seat, scope);
        Progress::Done
    }

    /// Tells a viewer how far it has heard, for it to come back with.
    fn tell_standing(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let Seat { session, memberships, connection, .. } = &mut self.seats[seat];
        let through = self.hub.delivered_through();
        let Some(cursor) = self.hub.standing(memberships, through) else { return };
        let desk = session.desk();
        if !desk.out.is_there() {
            desk.out = self.buffers.take();
        }
        desk.stand_at(&cursor);
        if let Some(connection) = *connection {
            self.mark_dirty(connection.key(), scope);
        }
    }

    /// Ends a poll that has nothing to say: 204, or 304 to one who asked whether there is news.
    pub(crate) fn end_poll(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let standing = self.standing_of_poll(seat);
        let desk = self.seats[seat].session.desk();
        if standing.is_some() && desk.request.as_ref().is_some_and(Request::is_conditional) {
            desk.set_status(304);
        }
        self.call(seat, scope, |session| session.time_out());
    }

    /// Has the answer of a poll that ends without an event say how far its viewer has heard.
    pub(crate) fn say_where_poll_ends(&mut self, seat: usize) {
        let wire = &self.seats[seat].session.peek().wire;
        let is_empty = wire.transport == Transport::LongPolling && !wire.has_rendered;
        // One that ends on hearing a message stands at that, whatever else is due to it.
        if !is_empty || self.hub.is_delivering {
            return;
        }
        if let Some(cursor) = self.standing_of_poll(seat) {
            self.seats[seat].session.desk().answer_stands_at(&cursor);
        }
    }

    /// The cursor of a viewer who keeps up, if it has one.
    pub(crate) fn standing(&self, seat: usize) -> Option<Box<str>> {
        let Seat { session, memberships, line, .. } = &self.seats[seat];
        let keeps_up = session.peek().has_cursors && line.is_none();
        keeps_up.then(|| self.hub.standing(memberships, self.hub.delivered_through()))?
    }

    /// The cursor of one who polls, for its next poll: what it has still to hear it hears then.
    fn standing_of_poll(&self, seat: usize) -> Option<Box<str>> {
        let Seat { session, memberships, line, .. } = &self.seats[seat];
        if !session.peek().has_cursors {
            return None;
        }
        let said_through = self.hub.delivered_through();
        let through = match line {
            Some(line) => line.heard_through(said_through, &self.hub)?,
            None => said_through,
        };
        self.hub.standing(memberships, through)
    }

    /// Answers the polls that take all there is at once.
    pub(crate) fn finish_batches(&mut self, scope: &mut Scope<'_>) {
        for (seat, generation) in std::mem::take(&mut self.answered) {
            if self.seats.get(seat).is_some_and(|seat| seat.generation == generation) {
                self.call(seat, scope, |session| session.finish_batch());
            }
        }
    }
}

/// Bytes of the past one viewer is sent in a tick: a few segments more than the kernel has under
/// way to it, so that a full history costs a slow viewer's outbox next to nothing.
const REPLAY_PART_BYTES: usize = 16 * 1024;

/// Gaps one viewer is told in a tick. There are that many only where an action answers one by
/// subscribing after a cursor that leads to the next, and that is not to hold the loop.
const GAPS_PER_PART: usize = 8;

/// Bytes of the past all viewers together are sent in a tick.
///
/// 1 MiB: some milliseconds of the loop, so that a thousand who come back at once do not hold up
/// those who are there.
const REPLAY_BYTES_PER_TICK: usize = 1024 * 1024;
