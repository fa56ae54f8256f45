//! What sessions asked for, applied when their callback has returned: the one place where a
//! callback's wishes meet the loop and the others.

use std::time::Duration;

use crate::action::{DeferError, Effect, Job, JobResult, Reply, ReplyId, Timer, drop_net};
use crate::figures::Refused;
use crate::reactor::{Scope, WorkError};
use crate::server::connection::flow::Flow;
use crate::server::engine::Engine;
use crate::server::seat::{Seat, SeatTimer, TimerKey};

impl Engine {
    /// Applies what the session in `seat` asked for during its last call.
    pub(crate) fn apply_effects(&mut self, seat: usize, scope: &mut Scope<'_>) {
        if self.surroundings.effects.borrow().is_empty() {
            return;
        }
        let mut effects = self.surroundings.effects.take();
        for effect in effects.drain(..) {
            self.apply(seat, effect, scope);
        }
        self.surroundings.effects.replace(effects);
    }

    fn apply(&mut self, seat: usize, effect: Effect, scope: &mut Scope<'_>) {
        let has_ended = self.seats[seat].session.peek().is_finished();
        match effect {
            // What a finished session says to others still counts.
            Effect::Publish(publishing) => {
                self.publish(publishing, scope);
            }
            Effect::Drain(why) => {
                // Connections are being read, perhaps: it begins when the tick settles.
                self.drain_asked.get_or_insert(why);
                self.settle_again(scope);
            }
            effect if has_ended => {
                drop_net(self.seats[seat].session.peek().declaration.name, || drop(effect));
            }
            Effect::Arm { timer, delay, is_periodic } => {
                self.arm(seat, timer, delay, is_periodic, scope);
            }
            Effect::Disarm { timer } => {
                let timers = &mut self.seats[seat].timers;
                if let Some(at) = timers.iter().position(|known| known.id == timer) {
                    scope.cancel(timers.swap_remove(at).armed);
                }
            }
            Effect::Subscribe(wish) => self.join(seat, &wish, scope),
            Effect::Unsubscribe(wish) => self.part(seat, &wish),
            Effect::Enter(entry) => self.enter_roll(seat, entry, scope),
            Effect::Leave { channel } => self.leave_roll(seat, &channel, scope),
            Effect::Defer { reply, job } => self.defer(seat, reply, job, scope),
            Effect::Measure { reply } => {
                let generation = self.seats[seat].generation;
                self.measuring.push((seat, generation, reply));
                self.settle_again(scope);
            }
            Effect::Pause => self.set_paused(seat, true, scope),
            Effect::Resume => self.set_paused(seat, false, scope),
        }
    }

    fn arm(
        &mut self,
        seat: usize,
        id: Timer,
        delay: Duration,
        is_periodic: bool,
        scope: &mut Scope<'_>,
    ) {
        let entry = &self.seats[seat];
        let max = self.limits.timers_per_action_max;
        if entry.connection.is_some() && entry.timers.len() >= max {
            let why = format!("more than {max} timers at once");
            return self.overdo(seat, Refused::TimersTooMany, &why);
        }
        let key = TimerKey::Seat { seat, id }.pack();
        let armed = match is_periodic {
            true => scope.every(delay, key),
            false => scope.after(delay, key),
        };
        self.seats[seat].timers.push(SeatTimer { id, armed, is_periodic });
    }

    /// Ends an action that asked for more than it may; what else it asked for is not done.
    pub(crate) fn overdo(&mut self, seat: usize, refused: Refused, why: &str) {
        let session = &mut self.seats[seat].session;
        tracing::debug!(action = session.peek().declaration.name, "an action was ended: {why}");
        self.surroundings.figures.refused(refused);
        session.overdo(why);
    }

    fn defer(&mut self, seat: usize, reply: ReplyId, job: Job, scope: &mut Scope<'_>) {
        let generation = self.seats[seat].generation;
        let queued = scope.work(
            job,
            move |engine: &mut Self, result: Result<JobResult, WorkError>, scope| {
                let result = result.map_err(|error| match error {
                    WorkError::Panicked(text) => DeferError::Panicked(text),
                });
                engine.enter(scope);
                engine.reply(seat, generation, reply, result, scope);
            },
        );
        if queued.is_err() {
            self.surroundings.figures.refused(Refused::WorkTooMany);
            self.turned_away.push((seat, generation, reply));
            self.settle_again(scope);
        }
    }

    /// Tells those whose work found no place that it did not.
    pub(crate) fn reply_to_turned_away(&mut self, scope: &mut Scope<'_>) {
        for (seat, generation, reply) in std::mem::take(&mut self.turned_away) {
            self.reply(seat, generation, reply, Err(DeferError::QueueFull), scope);
        }
    }

    /// Brings back what was asked for; to a session that has gone it is nothing.
    pub(crate) fn reply(
        &mut self,
        seat: usize,
        generation: u32,
        id: ReplyId,
        reply: Reply,
        scope: &mut Scope<'_>,
    ) {
        let sits = |it: &&Seat| it.generation == generation && !it.session.peek().is_finished();
        if self.seats.get(seat).filter(sits).is_none() {
            return drop_net("one that has ended", || drop(reply));
        }
        self.call(seat, scope, |session| session.reply(id, reply));
        self.continue_request(seat, scope);
    }

    fn set_paused(&mut self, seat: usize, is_paused: bool, scope: &mut Scope<'_>) {
        let Some(key) = self.seats[seat].connection() else { return };
        let was_paused = std::mem::replace(&mut self.connections[key].is_paused, is_paused);
        if was_paused && !is_paused {
            self.read_again(key, scope);
        }
        self.watch(key, scope);
    }

    /// Reads on where reading rested: what arrived meanwhile makes no new edge, and the times that
    /// rested with it begin anew.
    pub(crate) fn read_again(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        scope.revisit(connection.source);
        connection.heard = self.stamp;
        connection.pinged = connection.pinged.map(|_| self.stamp);
        if let Some(flow) = connection.flow_mut() {
            *flow = Flow::new(self.now);
        }
    }
}
