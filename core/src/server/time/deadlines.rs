//! Time: each connection's next deadline, and what becomes of it when it passes.
//!
//! A deadline is not a timer. It follows from when something last happened, and is looked at when
//! the connection's one entry in the calendar says: whoever was active meanwhile costs nothing.

use std::time::Duration;

use super::moment::{Moment, Stamp};
use crate::action::{Desk, FinishReason, KeepAlive, Stage};
use crate::figures::Refused;
use crate::protocol::http::Fault;
use crate::reactor::Scope;
use crate::server::connection::flow::Flow;
use crate::server::connection::{Asked, Connection, Phase};
use crate::server::engine::Engine;
use crate::server::limits::Limits;
use crate::server::request::reply::Reply;
use crate::server::seat::Seat;
use crate::transport::Transport;

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The peer takes nothing.
    Write,
    /// The peer may take too little.
    WriteRate,
    /// No next request came.
    Idle,
    /// The head is not complete.
    Head,
    /// The body does not go on.
    Body,
    /// The body may arrive too slowly.
    BodyRate,
    /// A sender that is held back has sent its last.
    Gone,
    /// `cx.hold()` was not followed by anything.
    Hold,
    /// More requests wait behind a stream or a poll than are read.
    Pipeline,
    /// The action does not answer.
    Answer,
    /// The poll has waited long enough.
    Poll,
    /// A silent connection is spoken to.
    KeepAlive,
    /// The ping was not answered.
    Pong,
    /// The next message may come.
    Message,
    /// The peer does not close.
    Close,
    /// The stream has lived as long as it may.
    Life,
}

impl Engine {
    /// Tells the system of a stream's own write timeout: most have the server's, which their
    /// connection had from the first.
    pub(crate) fn tell_write_timeout(&self, key: usize, seat: usize) {
        let declared = self.seats[seat].session.peek().declaration.write_timeout;
        if let Some(timeout) = declared
            && let Err(error) = self.connections[key].stream.set_user_timeout(timeout)
        {
            tracing::debug!("a connection was lost as its stream began: {error}");
        }
    }

    /// Has the system go by the server's write timeout again when the request is over that had one
    /// of its own: on the same connection the next has none.
    pub(crate) fn forget_write_timeout(&self, key: usize, seat: usize) {
        let declared = self.seats[seat].session.peek().declaration.write_timeout;
        if declared.is_some()
            && let Err(error) =
                self.connections[key].stream.set_user_timeout(self.limits.write_timeout)
        {
            tracing::debug!("a connection was lost as its answer ended: {error}");
        }
    }

    pub(crate) fn fall_due(&mut self, key: usize, due: Due, scope: &mut Scope<'_>) {
        match due {
            Due::Write => {
                self.surroundings.figures.refused(Refused::WriteTimeout);
                self.abandon(key, FinishReason::TimedOut, scope);
            }
            Due::WriteRate => {
                let connection = &self.connections[key];
                let stretch = self.write_timeout(connection);
                let flow = connection.outbox.flow().expect("it was counted for this to be due");
                if flow.is_drip(self.limits.write_rate_min, stretch) {
                    return self.fall_due(key, Due::Write, scope);
                }
                self.connections[key].outbox.restart_flow(self.now);
            }
            Due::Pong => self.abandon(key, FinishReason::TimedOut, scope),
            Due::Message => self.let_on(key, scope),
            Due::Gone => self.disconnect(key, None, scope),
            Due::Close | Due::Idle => {
                self.finish_session(key, FinishReason::TimedOut, scope);
                self.drop_connection(key, scope);
            }
            Due::Head => {
                let connection = &mut self.connections[key];
                let fault = match connection.phase {
                    Phase::Form => Fault::BodyTimeout,
                    _ if connection.has_begun_head => Fault::HeadTimeout,
                    _ => return self.drop_connection(key, scope),
                };
                connection.lingers = true;
                self.refuse_fault(key, &Asked::garbage(), &fault, scope);
            }
            Due::Body => self.give_up_body(key, &Fault::BodyTimeout, scope),
            Due::BodyRate => {
                let rate_min = self.body_rate_min(&self.connections[key]);
                let stretch = self.limits.body_timeout;
                let flow = self.connections[key].flow_mut().expect("a body is being read");
                if flow.is_drip(rate_min, stretch) {
                    return self.give_up_body(key, &Fault::BodyTooSlow { rate_min }, scope);
                }
                *flow = Flow::new(self.now);
            }
            Due::Hold => self.answer_for(key, Reply::plain(503), scope),
            Due::Pipeline => self.forget_pipeline(key, scope),
            Due::Answer => {
                let seat = self.connections[key].seat().expect("an answer is due from a session");
                if self.seats[seat].session.peek().wire.is_head_sent {
                    return self.abandon(key, FinishReason::TimedOut, scope);
                }
                self.answer_for(key, Reply::plain(503), scope);
            }
            Due::Poll => {
                let seat = self.connections[key].seat().expect("a poll is a session's");
                self.end_poll(seat, scope);
            }
            Due::Life => {
                let seat = self.connections[key].seat().expect("a stream is a session's");
                self.end_life(seat, scope);
            }
            Due::KeepAlive => self.keep_alive(key, scope),
        }
    }

    /// The rest of a body is not waited for any longer.
    fn give_up_body(&mut self, key: usize, fault: &Fault, scope: &mut Scope<'_>) {
        match self.connections[key].seat() {
            None if self.connections[key].phase == Phase::Discard => {
                self.stop_discarding(key, scope);
            }
            None => {
                let form = self.connections[key].take_form();
                let asked = form.map_or_else(Asked::garbage, |form| self.asked_by(&form));
                self.refuse_fault(key, &asked, fault, scope);
            }
            Some(seat) => self.body_failed(key, seat, fault, scope),
        }
    }

    /// Answers in the stead of an action that does not, and ends it.
    fn answer_for(&mut self, key: usize, reply: Reply, scope: &mut Scope<'_>) {
        let seat = self.connections[key].seat().expect("something is due from a session");
        let desk = self.seats[seat].session.peek();
        let request = desk.request.as_ref().expect("an action is made for a request");
        let asked = self.asked(request.head(), Some(desk.declaration));
        self.surroundings.figures.refused(Refused::AnswerTimeout);
        self.log_access(seat, reply.status());
        self.finish_session(key, FinishReason::TimedOut, scope);
        self.answer(key, &asked, reply, scope);
    }

    fn keep_alive(&mut self, key: usize, scope: &mut Scope<'_>) {
        let stamp = self.stamp;
        let connection = &mut self.connections[key];
        connection.spoke = self.stamp;
        let Some(seat) = connection.seat() else { return };
        let wire = &self.seats[seat].session.peek().wire;
        if wire.transport == Transport::Websocket {
            connection.pinged.get_or_insert(stamp);
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

    /// Gives up the requests behind a stream or a poll: the connection ends with it. Unread, they
    /// would hide for as long as it lasts that their client has left.
    fn forget_pipeline(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        connection.forget_carry();
        let Some(seat) = connection.seat() else { return };
        self.seats[seat].session.desk().wire.keeps_alive = false;
        self.read_on(key, scope);
    }

    /// The moment something of a connection was stamped with.
    pub(crate) fn when(&self, stamp: Stamp) -> Moment {
        stamp.moment(self.now)
    }

    /// The nearest deadline of a connection.
    pub(crate) fn next_due(&self, key: usize) -> Option<(Moment, Due)> {
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
            let timeout = self.write_timeout(connection);
            consider(self.when(connection.spoke), timeout, Due::Write);
            if let Some(flow) = connection.outbox.flow() {
                consider(flow.since, timeout, Due::WriteRate);
            }
        }
        match connection.phase {
            // It is not idle, nor is it its turn, while it takes what was said to it.
            Phase::Head | Phase::SocketClosing if connection.outbox.is_backlogged() => {}
            Phase::Head | Phase::Form if self.is_closed() => {
                consider(self.when(connection.since), limits.stop_head_timeout, Due::Head);
            }
            Phase::Head if connection.has_served && !connection.has_begun_head => {
                consider(self.when(connection.since), limits.idle_timeout, Due::Idle);
            }
            Phase::Head => consider(self.when(connection.since), limits.head_timeout, Due::Head),
            Phase::Body | Phase::Websocket if connection.is_paused => {
                // Nobody would read that it is gone.
                if connection.end_is_near {
                    consider(self.when(connection.heard), limits.body_timeout, Due::Gone);
                }
            }
            Phase::Form | Phase::Discard | Phase::Body => {
                consider(self.when(connection.heard), limits.body_timeout, Due::Body);
                if let Some(flow) = connection.flow() {
                    consider(flow.since, limits.body_timeout, Due::BodyRate);
                }
            }
            Phase::Waiting if !connection.wants_input(limits) => {
                let holds = |desk: &Desk| desk.wire.transport.holds_pipeline();
                if self.desk(connection).is_some_and(holds) {
                    consider(self.when(connection.heard), limits.head_timeout, Due::Pipeline);
                }
            }
            Phase::Websocket if connection.is_held_back => {
                consider(self.now, self.wait_for_message(key), Due::Message);
            }
            Phase::Waiting | Phase::Websocket => {}
            Phase::SocketClosing => {
                consider(self.when(connection.since), self.close_timeout(), Due::Close)
            }
            Phase::Lingering => {
                consider(self.when(connection.since), limits.linger_timeout, Due::Close)
            }
            Phase::Closing => {}
        }
        if let Some(seat) = connection.seat() {
            self.consider_session(key, &self.seats[seat], &mut consider);
        }
        nearest
    }

    fn consider_session(
        &self,
        key: usize,
        seat: &Seat,
        consider: &mut impl FnMut(Moment, Duration, Due),
    ) {
        let connection = &self.connections[key];
        let desk = seat.session.peek();
        let (limits, declared) = (&self.limits, desk.declaration);
        match desk.stage {
            Stage::Guarding { .. } | Stage::Held { .. } | Stage::Proceeding { .. } => {
                let timeout = declared.hold_timeout.unwrap_or(limits.hold_timeout);
                return consider(self.when(connection.since), timeout, Due::Hold);
            }
            Stage::Running => {}
            Stage::Finished(_) => return,
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
                let last = self.when(connection.since).max(self.when(connection.spoke));
                let last = last.max(self.when(connection.heard));
                consider(last, timeout, Due::Answer);
            }
            Transport::LongPolling => {
                let timeout = declared.poll_timeout.unwrap_or(limits.poll_timeout);
                consider(self.when(connection.since), timeout, Due::Poll);
            }
            Transport::Sse | Transport::Websocket | Transport::Chunked => {
                if let Some(life) = self.life_of(seat) {
                    consider(seat.began, life, Due::Life);
                }
                // What waits to be taken keeps it alive, or is its end.
                if let Some(every) = keep_alive
                    && !connection.outbox.is_backlogged()
                {
                    consider(self.when(connection.spoke), self.spread(key, every), Due::KeepAlive);
                }
            }
            Transport::Regular => {}
        }
        if let Some(pinged) = connection.pinged
            && !connection.is_paused
            && !connection.is_held_back
        {
            consider(self.when(pinged), limits.pong_timeout, Due::Pong);
        }
    }

    /// An interval, shortened by up to a quarter: each connection's by a part of its own.
    ///
    /// Those who came together, or heard the same message together, then do not speak together
    /// ever after. Multiples of the golden ratio spread consecutive keys as evenly as can be.
    fn spread(&self, key: usize, every: Duration) -> Duration {
        const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;
        let part = self.chance.wrapping_add((key as u64).wrapping_mul(GOLDEN_RATIO)) >> 32;
        let quarter = every / 4;
        every - quarter.mul_f64(part as f64 / f64::from(u32::MAX))
    }

    /// How many bytes a second a body has to arrive with; one nobody wants is held to the server's.
    fn body_rate_min(&self, connection: &Connection) -> usize {
        let form = connection.inbox.as_ref().and_then(|inbox| inbox.form.as_ref());
        let form = form.map(|form| form.route.target.endpoint.declaration());
        let declared = form.or_else(|| self.desk(connection).map(|desk| desk.declaration));
        declared.and_then(|declared| declared.body_rate_min).unwrap_or(self.limits.body_rate_min)
    }

    /// How long a peer may take nothing.
    fn write_timeout(&self, connection: &Connection) -> Duration {
        let declared = self.desk(connection).and_then(|desk| desk.declaration.write_timeout);
        declared.unwrap_or(self.limits.write_timeout)
    }

    /// How long a peer may take to answer a close.
    fn close_timeout(&self) -> Duration {
        let Limits { close_timeout, stop_close_timeout, .. } = *self.limits;
        if self.is_closed() { close_timeout.min(stop_close_timeout) } else { close_timeout }
    }

    fn desk(&self, connection: &Connection) -> Option<&Desk> {
        connection.seat().map(|seat| self.seats[seat].session.peek())
    }
}
