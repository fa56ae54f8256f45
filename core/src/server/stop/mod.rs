//! The stop, step by step: the server says that it is not ready, lets nobody in, sees everybody
//! out the transport's way, and then it is over.

pub mod schedule;

use std::time::Duration;

use super::connection::Phase;
use super::engine::Engine;
use super::seat::TimerKey;
use crate::action::{Desk, Drain, FinishReason, Stage};
use crate::reactor::{Scope, Timer};
use crate::transport::Transport;
use schedule::Schedule;

/// A stop under way.
pub(crate) struct Stopping {
    why: Drain,
    /// Ends the delay before nobody is let in; after that the whole stop.
    timer: Timer,
    schedule: Schedule,
    /// Streams on the connections before this one have been ended.
    next: usize,
}

impl Engine {
    /// SIGINT or SIGTERM: stops; a second one stops at once.
    pub(super) fn hear_signals(&mut self, scope: &mut Scope<'_>) {
        let Some(signals) = &mut self.signals else { return };
        let heard = signals.pending().count();
        for _ in 0..heard {
            if self.stopping.is_some() {
                tracing::info!("stopping at once");
                self.stop_now(scope);
            } else {
                self.drain(Drain::Stopping, scope);
            }
        }
    }

    /// Somebody outside of the loop asks for the stop.
    pub(super) fn drain_from_outside(&mut self, why: Drain, scope: &mut Scope<'_>) {
        self.enter(scope);
        self.drain(why, scope);
    }

    /// Begins to stop: the server is ready for nobody from now on, though who comes is served
    /// until the delay is over.
    pub(super) fn drain(&mut self, why: Drain, scope: &mut Scope<'_>) {
        if self.stopping.is_some() {
            return;
        }
        let open = self.connections.len();
        match why {
            Drain::Stopping => tracing::info!(open, "stopping"),
            Drain::Restarting => tracing::info!(open, "stopping for a restart"),
        }
        self.surroundings.figures.begin_draining();
        self.report_stop();
        let timer = scope.after(self.limits.stop_delay, TimerKey::Stop.pack());
        let schedule = Schedule::of(0, 0, Duration::ZERO, self.now);
        self.stopping = Some(Stopping { why, timer, schedule, next: 0 });
        for key in self.services() {
            self.call(key, scope, |session| session.hear_of_stop());
        }
        if self.limits.stop_delay.is_zero() {
            scope.cancel(timer);
            self.close_doors(scope);
        }
        scope.again();
    }

    /// Whether nobody is let in any more, and every answer is its connection's last.
    pub(super) fn is_closed(&self) -> bool {
        self.listener.is_none()
    }

    /// The delay is over, or the time that the stop may take.
    pub(super) fn stop_further(&mut self, scope: &mut Scope<'_>) {
        match self.is_closed() {
            false => self.close_doors(scope),
            true => self.stop_now(scope),
        }
    }

    /// Lets nobody in any more, and begins to see out who is there.
    fn close_doors(&mut self, scope: &mut Scope<'_>) {
        // Who waits in the backlog would be reset with it.
        self.accept_backlog(scope);
        if let Some((mut listener, source)) = self.listener.take()
            && let Err(error) = scope.deregister(source, &mut listener)
        {
            // It may be shared with a process that goes on; that is why it is not just dropped.
            tracing::warn!("the listener stays with the loop: {error}");
        }
        // What was published before the stop is heard before the end.
        self.catch_up(scope);
        if self.hub.has_pending() {
            self.deliver(scope);
        }
        let keys: Vec<usize> = self.connections.iter().map(|(key, _)| key).collect();
        let streams = keys.iter().filter(|key| self.is_streaming(**key)).count();
        for key in keys {
            if !self.is_streaming(key) {
                self.see_out(key, scope);
            }
        }
        let limits = &self.limits;
        let (per_second, within) = (limits.stop_streams_per_second, limits.stop_timeout / 2);
        let timer = scope.after(limits.stop_timeout, TimerKey::Stop.pack());
        if let Some(stopping) = &mut self.stopping {
            stopping.timer = timer;
            stopping.schedule = Schedule::of(streams, per_second, within, self.now);
        }
        self.see_streams_out(scope);
        scope.again();
    }

    /// Whether a stream is under way on a connection, or a poll waits.
    fn is_streaming(&self, key: usize) -> bool {
        let seat = self.connections.get(key).and_then(|connection| connection.seat());
        seat.is_some_and(|seat| {
            let desk = self.seats[seat].session.peek();
            desk.stage == Stage::Running && desk.wire.transport != Transport::Regular
        })
    }

    /// Ends as many streams as it is time for, so that their clients do not all come back at once.
    pub(super) fn see_streams_out(&mut self, scope: &mut Scope<'_>) {
        let Some(Stopping { mut schedule, mut next, .. }) = self.stopping else { return };
        let end = self.connections.capacity();
        while let Some(key) = (next..end).find(|key| self.is_streaming(*key)) {
            if schedule.due(self.now) == 0 {
                scope.after(PACE_STEP, TimerKey::Pace.pack());
                break;
            }
            schedule.step();
            next = key + 1;
            self.see_out(key, scope);
        }
        if let Some(stopping) = &mut self.stopping {
            *stopping = Stopping { schedule, next, ..*stopping };
        }
    }

    /// Ends one connection as far as that can be done now.
    pub(super) fn see_out(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let is_idle = connection.has_served && !connection.has_begun_head;
        match (connection.seat(), connection.phase) {
            (Some(seat), _) => self.see_session_out(key, seat, scope),
            (None, Phase::Head) if is_idle => {
                // Its next request may be there already.
                self.read(key, scope);
                self.close_if_idle(key, scope);
            }
            // Its request is on its way: that is waited for, but not for long.
            (None, Phase::Head | Phase::Form) => {
                connection.since = self.stamp;
                self.watch(key, scope);
            }
            (None, Phase::Discard) => self.stop_discarding(key, scope),
            // Its peer has less time to answer our close from now on.
            (None, Phase::SocketClosing) => self.watch(key, scope),
            (None, _) => {}
        }
    }

    fn see_session_out(&mut self, key: usize, seat: usize, scope: &mut Scope<'_>) {
        // Its answer, now or later, is the connection's last.
        self.seats[seat].session.desk().wire.keeps_alive = false;
        let why = self.stopping.as_ref().map_or(Drain::Stopping, |stopping| stopping.why);
        let retry = retry_within(self.limits.stop_retry_max, scope);
        self.call(seat, scope, |session| {
            session.hear_of_stop();
            session.stop(why, retry);
        });
        if self.connections.get(key).is_some_and(|connection| connection.seat().is_none()) {
            self.flush(key, scope);
        }
    }

    fn close_if_idle(&mut self, key: usize, scope: &mut Scope<'_>) {
        if let Some(connection) = self.connections.get_mut(key)
            && connection.seat().is_none()
            && connection.phase == Phase::Head
        {
            if connection.has_begun_head {
                connection.since = self.stamp;
                return self.watch(key, scope);
            }
            connection.phase = Phase::Closing;
            self.flush(key, scope);
        }
    }

    /// The deadline has passed, or nobody wants to wait: what is still open is cut.
    pub(super) fn stop_now(&mut self, scope: &mut Scope<'_>) {
        if let Some((mut listener, source)) = self.listener.take() {
            // It is closed with the process, whatever the system says of it now.
            drop(scope.deregister(source, &mut listener));
        }
        let keys: Vec<usize> = self.connections.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.abandon(key, FinishReason::ServerStopping, scope);
        }
        scope.again();
    }

    /// When the last connection has ended the services end too, and the engine goes.
    pub(super) fn go_if_done(&mut self, scope: &mut Scope<'_>) {
        if self.stopping.is_none() || !self.is_closed() || !self.connections.is_empty() {
            return;
        }
        for key in self.services() {
            self.call(key, scope, |session| session.stop(Drain::Stopping, Duration::ZERO));
        }
        self.say_goodbyes(scope);
        self.tell_refusals_now();
        if let Some(stopping) = self.stopping.take() {
            scope.cancel(stopping.timer);
        }
        tracing::info!("stopped");
        scope.remove();
    }

    /// The seats of the services that go on.
    fn services(&self) -> Vec<usize> {
        let serves = |desk: &Desk| desk.request.is_none() && !desk.is_finished();
        let seats = self.seats.iter().filter(|(_, seat)| serves(seat.session.peek()));
        seats.map(|(key, _)| key).collect()
    }
}

/// A time to come back after, another for each client: at least a tenth of `max`.
pub(super) fn retry_within(max: Duration, scope: &mut Scope<'_>) -> Duration {
    let least = max / 10;
    let spread = (max - least).as_millis().max(1) as u64;
    least + Duration::from_millis(scope.random() % spread)
}

/// How long the next streams wait for the end of these: too short for anyone to notice, long
/// enough to cost nothing.
const PACE_STEP: Duration = Duration::from_millis(10);
