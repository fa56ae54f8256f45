//! Time: each connection's next deadline, and what becomes of it when it passes.
//!
//! A deadline is not a timer. It follows from when something last happened, and is looked at when
//! the connection's one timer fires: whoever was active meanwhile costs nothing.

use std::time::Duration;

use super::connection::{Asked, Connection, Phase};
use super::engine::Engine;
use super::moment::Moment;
use super::reply::Reply;
use super::seat::TimerKey;
use crate::action::{Desk, FinishReason, KeepAlive, Stage};
use crate::protocol::http::Fault;
use crate::reactor::Scope;
use crate::transport::Transport;

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// The peer takes nothing.
    Write,
    /// No next request came.
    Idle,
    /// The head is not complete.
    Head,
    /// The body does not go on.
    Body,
    /// `cx.hold()` was not followed by anything.
    Hold,
    /// The action does not answer.
    Answer,
    /// The poll has waited long enough.
    Poll,
    /// A silent connection is spoken to.
    KeepAlive,
    /// The ping was not answered.
    Pong,
    /// The peer does not close.
    Close,
}

impl Engine {
    /// Sees to it that the connection's timer fires by its next deadline.
    pub(super) fn watch(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Some((at, _)) = self.next_due(key) else { return };
        let connection = &mut self.connections[key];
        if let Some((timer, armed_for)) = connection.watch {
            if armed_for <= at {
                return;
            }
            scope.cancel(timer);
        }
        let delay = at - self.now;
        let timer = scope.after(delay, TimerKey::Watch { connection: key }.pack());
        connection.watch = Some((timer, at));
    }

    /// The connection's timer has fired: does what is due, and arms it for what is not.
    pub(super) fn deadline_passed(&mut self, key: usize, scope: &mut Scope<'_>) {
        let watch = self.connections[key].watch.take();
        if watch.is_some_and(|(_, armed_for)| self.was_held_since(armed_for)) {
            return self.be_patient(key, scope);
        }
        let source = self.connections[key].source;
        if let Some((at, due)) = self.next_due(key)
            && at <= self.now
        {
            self.fall_due(key, due, scope);
        }
        if self.connections.get(key).is_some_and(|connection| connection.source == source) {
            self.watch(key, scope);
        }
    }

    fn fall_due(&mut self, key: usize, due: Due, scope: &mut Scope<'_>) {
        match due {
            Due::Write | Due::Pong => self.abandon(key, FinishReason::TimedOut, scope),
            Due::Close | Due::Idle => {
                self.finish_session(key, FinishReason::TimedOut, scope);
                self.drop_connection(key, scope);
            }
            Due::Head => {
                if !self.connections[key].has_begun_head {
                    return self.drop_connection(key, scope);
                }
                let asked = Asked::garbage();
                self.connections[key].lingers = true;
                self.refuse_fault(key, &asked, &Fault::HeadTimeout, scope);
            }
            Due::Body => match self.connections[key].seat {
                None if self.connections[key].phase == Phase::Discard => {
                    self.stop_discarding(key, scope);
                }
                None => {
                    let asked = Asked::garbage();
                    self.refuse_fault(key, &asked, &Fault::BodyTimeout, scope);
                }
                Some(seat) => self.body_failed(key, seat, &Fault::BodyTimeout, scope),
            },
            Due::Hold => self.answer_for(key, Reply::plain(503), scope),
            Due::Answer => {
                let seat = self.connections[key].seat.expect("an answer is due from a session");
                if self.seats[seat].session.peek().wire.is_head_sent {
                    return self.abandon(key, FinishReason::TimedOut, scope);
                }
                self.answer_for(key, Reply::plain(503), scope);
            }
            Due::Poll => {
                let seat = self.connections[key].seat.expect("a poll is a session's");
                self.end_poll(seat, scope);
            }
            Due::KeepAlive => self.keep_alive(key, scope),
        }
    }

    /// Answers in the stead of an action that does not, and ends it.
    fn answer_for(&mut self, key: usize, reply: Reply, scope: &mut Scope<'_>) {
        let seat = self.connections[key].seat.expect("something is due from a session");
        let desk = self.seats[seat].session.peek();
        let request = desk.request.as_ref().expect("an action is made for a request");
        let asked = Asked::of(request.head());
        self.log_access(seat, reply.status());
        self.finish_session(key, FinishReason::TimedOut, scope);
        self.answer(key, &asked, reply, scope);
    }

    fn keep_alive(&mut self, key: usize, scope: &mut Scope<'_>) {
        let now = self.now;
        let connection = &mut self.connections[key];
        connection.spoke = now;
        let Some(seat) = connection.seat else { return };
        let wire = &self.seats[seat].session.peek().wire;
        if wire.transport == Transport::Websocket {
            connection.pinged.get_or_insert(now);
        }
        let mut bytes = Vec::new();
        let has_ping = wire.transport == Transport::Websocket;
        let standing = self.standing(seat);
        if let Some(cursor) = &standing {
            // Where it hears only some of what is said, its cursor moves on with the rest.
            wire.tell_cursor(cursor, &mut bytes);
        }
        if has_ping || bytes.is_empty() {
            wire.keep_alive(&mut bytes);
        }
        self.collect(key);
        self.connections[key].outbox.push_control(&bytes);
        self.mark_dirty(key, scope);
    }

    /// The nearest deadline of a connection.
    fn next_due(&self, key: usize) -> Option<(Moment, Due)> {
        let connection = &self.connections[key];
        let limits = &self.limits;
        let mut nearest: Option<(Moment, Due)> = None;
        let mut consider = |from: Moment, after: Duration, due: Due| {
            let Some(at) = from.checked_add(after) else { return };
            if nearest.is_none_or(|(nearest, _)| at < nearest) {
                nearest = Some((at, due));
            }
        };
        if connection.outbox.is_backlogged() {
            let declared = self.desk(connection).and_then(|desk| desk.declaration.write_timeout);
            consider(connection.spoke, declared.unwrap_or(limits.write_timeout), Due::Write);
        }
        match connection.phase {
            // It is not idle, nor is it its turn, while it takes what was said to it.
            Phase::Head | Phase::SocketClosing if connection.outbox.is_backlogged() => {}
            Phase::Head if connection.has_served && !connection.has_begun_head => {
                consider(connection.since, limits.idle_timeout, Due::Idle);
            }
            Phase::Head => consider(connection.since, limits.head_timeout, Due::Head),
            Phase::Form | Phase::Discard => {
                consider(connection.heard, limits.body_timeout, Due::Body);
            }
            Phase::Body if !connection.is_paused => {
                consider(connection.heard, limits.body_timeout, Due::Body);
            }
            Phase::Body => {}
            Phase::Waiting | Phase::Websocket => {}
            Phase::SocketClosing => consider(connection.since, limits.close_timeout, Due::Close),
            Phase::Lingering => consider(connection.since, limits.linger_timeout, Due::Close),
            Phase::Closing => {}
        }
        if let Some(desk) = self.desk(connection) {
            self.consider_session(connection, desk, &mut consider);
        }
        nearest
    }

    fn consider_session(
        &self,
        connection: &Connection,
        desk: &Desk,
        consider: &mut impl FnMut(Moment, Duration, Due),
    ) {
        let (limits, declared) = (&self.limits, desk.declaration);
        match desk.stage {
            Stage::Guarding { .. } | Stage::Held { .. } | Stage::Proceeding { .. } => {
                let timeout = declared.hold_timeout.unwrap_or(limits.hold_timeout);
                return consider(connection.since, timeout, Due::Hold);
            }
            Stage::Running => {}
            Stage::Finished => return,
        }
        let keep_alive = match (declared.keep_alive, desk.wire.transport) {
            (KeepAlive::Every(every), _) => Some(every),
            (KeepAlive::ByTransport, Transport::Sse) => Some(limits.sse_keep_alive),
            (KeepAlive::ByTransport, Transport::Websocket) => Some(limits.websocket_keep_alive),
            (KeepAlive::ByTransport | KeepAlive::Off, _) => None,
        };
        match desk.wire.transport {
            Transport::Regular if connection.phase == Phase::Waiting => {
                let timeout = declared.answer_timeout.unwrap_or(limits.answer_timeout);
                let last = connection.since.max(connection.spoke).max(connection.heard);
                consider(last, timeout, Due::Answer);
            }
            Transport::LongPolling => {
                let timeout = declared.poll_timeout.unwrap_or(limits.poll_timeout);
                consider(connection.since, timeout, Due::Poll);
            }
            Transport::Sse | Transport::Websocket | Transport::Chunked => {
                // What waits to be taken keeps it alive, or is its end.
                if let Some(every) = keep_alive
                    && !connection.outbox.is_backlogged()
                {
                    consider(connection.spoke, every, Due::KeepAlive);
                }
            }
            Transport::Regular => {}
        }
        if let Some(pinged) = connection.pinged
            && !connection.is_paused
        {
            consider(pinged, limits.pong_timeout, Due::Pong);
        }
    }

    fn desk(&self, connection: &Connection) -> Option<&Desk> {
        connection.seat.map(|seat| self.seats[seat].session.peek())
    }
}
