//! What goes out on connections, and how their sessions end.

use super::buffers::SPARE_MAX;
use super::outbox::Flushed;
use crate::action::{FinishReason, Refusal, Timer};
use crate::figures::Refused;
use crate::server::channels::parcel::{Content, Handed};
use crate::server::channels::taker::Taker;
use crate::server::connection::{Connection, Phase};
use crate::server::engine::Engine;
use crate::server::request::answer::can_discard;
use crate::server::request::development;
use crate::server::request::reply::Reply;
use crate::server::seat::Seat;

use crate::reactor::Scope;
use crate::transport::Transport;

impl Engine {
    /// Notes that a connection has something to write at the end of this tick.
    pub(crate) fn mark_dirty(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        if std::mem::replace(&mut connection.is_dirty, true) {
            return;
        }
        self.settle_again(scope);
        self.dirty.push(key);
        if self.dirty.len() >= SPARE_MAX {
            // As many buffers are out as are kept: those who have theirs longest write now.
            self.flush_dirty(scope);
        }
    }

    pub(crate) fn flush_dirty(&mut self, scope: &mut Scope<'_>) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for key in dirty.drain(..) {
            if self.connections.get(key).is_some_and(|connection| connection.is_dirty) {
                self.flush(key, scope);
            }
        }
        if self.dirty.is_empty() {
            self.dirty = dirty;
        }
    }

    /// Moves what the session has rendered into the outbox.
    pub(crate) fn collect(&mut self, key: usize) {
        let Some(seat) = self.connections[key].seat() else { return };
        let desk = self.seats[seat].session.desk();
        if desk.is_to_be_sealed() {
            desk.seal(self.connections[key].outbox.lent(&mut self.buffers));
        }
        if desk.is_unsealed() || !desk.out.is_there() {
            return;
        }
        let mut rendered = std::mem::take(&mut desk.out);
        if !rendered.is_empty() {
            match desk.wire.deflates() {
                true => self.move_deflated(key, seat, &mut rendered),
                false => self.connections[key].outbox.append(&mut rendered),
            }
        }
        self.buffers.give(rendered);
    }

    /// Writes what waits, as far as the peer takes it: one write for all that was gathered.
    pub(crate) fn flush(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        connection.is_dirty = false;
        if !connection.outbox.is_empty() && self.has_rendered(key) && !self.has_room(key, scope) {
            return;
        }
        self.collect(key);
        let connection = &self.connections[key];
        if connection.outbox.is_empty() {
            return self.close_if_written(key, scope);
        }
        if !connection.is_writable {
            self.count_outbox(key);
        } else if self.write(key, scope) {
            self.all_written(key, scope);
        }
    }

    /// Whether the outbox may take more; a peer that has left too much untaken is closed.
    ///
    /// The limit is tested before a message is added, so that one may cross it.
    pub(crate) fn has_room(&mut self, key: usize, scope: &mut Scope<'_>) -> bool {
        let bytes_max = self.outbox_bytes_max(key);
        let connection = &self.connections[key];
        if connection.outbox.len() <= bytes_max {
            return true;
        }
        if connection.is_writable && self.write(key, scope) {
            return true;
        }
        match self.connections.get(key) {
            None => false,
            Some(connection) if connection.outbox.len() <= bytes_max => true,
            Some(_) => {
                self.surroundings.figures.refused(Refused::SlowReader);
                self.abandon(key, FinishReason::Overflowed, scope);
                false
            }
        }
    }

    /// Writes the outbox; `true` when nothing is left in it. A peer that is gone is let go.
    fn write(&mut self, key: usize, scope: &mut Scope<'_>) -> bool {
        let connection = &mut self.connections[key];
        match connection.outbox.flush(&mut connection.stream) {
            Ok(flushed) => self.written(key, flushed, scope),
            Err(error) => {
                self.lose(key, Some(&error), scope);
                false
            }
        }
    }

    /// Writes what many are sent to one for whom nothing else waits.
    pub(crate) fn post(
        &mut self,
        taker: &Taker,
        content: &mut Content,
        scope: &mut Scope<'_>,
    ) -> Handed {
        let key = taker.connection;
        let connection = &mut self.connections[key];
        let Connection { outbox, stream, .. } = connection;
        match outbox.post(content.bytes(), stream) {
            Ok(Flushed { bytes, is_all: true }) if taker.is_at_rest => {
                connection.head_left.note_written(bytes, true);
                connection.spoke = self.stamp;
                self.note_sent(bytes);
                return Handed::Quietly;
            }
            Ok(flushed) => {
                if !flushed.is_all {
                    outbox.hold_rest(content.share(self.hub.ledger()), flushed.bytes);
                }
                if self.written(key, flushed, scope) {
                    self.all_written(key, scope);
                }
            }
            Err(error) => self.lose(key, Some(&error), scope),
        }
        Handed::WithConsequences
    }

    /// Counts what was written, which took the loop who knows how long.
    fn note_sent(&self, bytes: usize) {
        self.surroundings.figures.bytes_out.add(bytes as u64);
        self.surroundings.note_own_work();
    }

    /// Notes how far a write got; `true` when nothing is left in the outbox.
    fn written(&mut self, key: usize, flushed: Flushed, scope: &mut Scope<'_>) -> bool {
        let Flushed { bytes, is_all } = flushed;
        self.note_sent(bytes);
        let connection = &mut self.connections[key];
        connection.head_left.note_written(bytes, is_all);
        let was_stuck = std::mem::replace(&mut connection.is_stuck, !is_all);
        if bytes > 0 || !was_stuck {
            connection.spoke = self.stamp;
        }
        connection.is_writable = is_all;
        if let Some(buffer) = connection.outbox.take_buffer() {
            self.buffers.give(buffer);
        }
        let is_held_up = was_stuck || !connection.carry().is_empty();
        if was_stuck || !is_all {
            self.note_slowness(key, flushed, was_stuck, scope);
        }
        if is_all && is_held_up && self.connections[key].phase == Phase::Head {
            // Requests may have waited for the answers before them to be taken.
            self.read_on(key, scope);
        }
        is_all
    }

    /// Notes what a peer has left untaken, or that it has taken what it had left.
    fn note_slowness(
        &mut self,
        key: usize,
        flushed: Flushed,
        was_stuck: bool,
        scope: &mut Scope<'_>,
    ) {
        let connection = &mut self.connections[key];
        let is_its_turn = matches!(connection.phase, Phase::Head | Phase::SocketClosing);
        if was_stuck && flushed.is_all && is_its_turn {
            // What it says next, or that it says nothing, counts from here.
            connection.since = self.stamp;
        }
        if let Some(flow) = connection.outbox.flow_since(self.now) {
            flow.add(flushed.bytes);
            self.note_backlog(key);
        }
        self.count_outbox(key);
        self.watch(key, scope);
    }

    /// Notes for the session how much waits for its viewer.
    fn note_backlog(&mut self, key: usize) {
        let connection = &self.connections[key];
        let Some(seat) = connection.seat() else { return };
        let entry = &mut self.seats[seat];
        let waits = connection.outbox.len() + entry.line.as_ref().map_or(0, |line| line.bytes());
        entry.session.desk().note_strain(waits, 0);
    }

    /// Tells a session whose viewer was behind that nothing waits for it any more.
    pub(crate) fn tell_drained(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let Seat { session, connection, .. } = &mut self.seats[seat];
        let is_empty =
            connection.is_none_or(|place| self.connections[place.key()].outbox.is_empty());
        if is_empty && session.desk().note_relief() {
            self.call(seat, scope, |session| session.drain());
        }
    }

    /// Nothing is left in the outbox: who waited for that goes on, who is behind hears more, and
    /// who was to end ends.
    fn all_written(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Some(seat) = self.connections[key].seat() else {
            return self.close_if_written(key, scope);
        };
        let Seat { session, line, .. } = &mut self.seats[seat];
        let desk = session.desk();
        if let Some(waiting) = desk.take_when_written() {
            self.call(seat, scope, |session| session.expire(Timer(waiting.get())));
        } else if line.is_some() {
            self.list(seat, scope);
        } else if desk.backlog() > 0 {
            self.tell_drained(seat, scope);
        }
        if self.connections.get(key).is_some_and(|connection| connection.phase == Phase::Closing) {
            self.close_if_written(key, scope);
        }
    }

    fn has_rendered(&self, key: usize) -> bool {
        let seat = self.connections[key].seat();
        seat.is_some_and(|seat| !self.seats[seat].session.peek().out.is_empty())
    }

    pub(crate) fn outbox_bytes_max(&self, key: usize) -> usize {
        let seat = self.connections[key].seat();
        let declared =
            seat.and_then(|seat| self.seats[seat].session.peek().declaration.outbox_bytes_max);
        declared.unwrap_or(self.limits.outbox_bytes_max)
    }

    /// Ends the session of a connection from outside, and takes it from there.
    pub(crate) fn finish_session(
        &mut self,
        key: usize,
        reason: FinishReason,
        scope: &mut Scope<'_>,
    ) {
        let Some(seat) = self.connections[key].seat() else { return };
        self.seats[seat].session.end(reason);
        // Renders that were not flushed go first, but an answer that never began is not begun.
        let wire = &self.seats[seat].session.peek().wire;
        if wire.is_head_sent {
            self.answered(seat, wire.status);
            self.collect(key);
        }
        self.detach(seat, scope);
    }

    /// The session in `seat` has finished by itself: its last bytes go out, and the connection
    /// goes on as its transport has it.
    pub(crate) fn conclude(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let Some(key) = self.seats[seat].connection() else { return self.detach(seat, scope) };
        let desk = self.seats[seat].session.desk();
        // A head that is still to be sent says so if too much of the body was left unread.
        desk.wire.keeps_alive &= can_discard(&self.connections[key], self.limits.discard_bytes_max);
        let refusal = desk.take_refusal();
        if refusal.is_none() {
            self.empty_line(seat, key);
            self.collect(key);
        }
        let desk = self.seats[seat].session.peek();
        let transport = desk.wire.transport;
        let leaves_open = desk.wire.leaves_connection_open();
        let has_socket = transport == Transport::Websocket && desk.wire.is_head_sent;
        match refusal {
            Some(refusal) => {
                let request = desk.request.as_ref().expect("an action is made for a request");
                let mut asked = self.asked(request.head(), Some(desk.declaration));
                asked.keeps_alive &= desk.wire.keeps_alive;
                let reply = self.reply_to(&refusal, seat);
                self.log_access(seat, reply.status());
                self.detach(seat, scope);
                self.answer(key, &asked, reply, scope);
            }
            None => {
                self.answered(seat, desk.wire.status);
                if leaves_open {
                    self.forget_write_timeout(key, seat);
                }
                self.detach(seat, scope);
                let connection = &mut self.connections[key];
                connection.since = self.stamp;
                if has_socket {
                    connection.phase = Phase::SocketClosing;
                    let is_paused = std::mem::take(&mut connection.is_paused);
                    let is_held_back = std::mem::take(&mut connection.is_held_back);
                    if is_paused || is_held_back {
                        // The peer's own close may be among what it was not heard saying.
                        self.read_on(key, scope);
                    }
                    self.watch(key, scope);
                } else {
                    self.after_answer(key, leaves_open, scope);
                }
                self.mark_dirty(key, scope);
            }
        }
    }

    /// What a refused request is answered.
    fn reply_to(&self, refusal: &Refusal, seat: usize) -> Reply {
        match refusal {
            Refusal::Halt(halt) => Reply::halt(halt),
            Refusal::Failed { call, error } if self.is_development => {
                let desk = self.seats[seat].session.peek();
                let request = desk.request.as_ref().expect("a refusal answers a request");
                Reply::html(500, development::error_page(*call, error, request))
            }
            Refusal::Failed { .. } => Reply::failure(),
        }
    }
}
