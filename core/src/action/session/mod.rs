//! A session: one action (or service) with its context, moved through its lifecycle.
//!
//! The host (the server) calls; the session runs the user's callbacks, one at a time and never one
//! inside another, and leaves what they rendered and asked for on its desk.

mod hosted;

use super::desk::{Desk, Ending, Refusal, Stage};
use super::effect::{Effect, Timer};
use super::live::{Live, Role};
use super::net::{caught, log_failure};
use super::{
    Call, Callback, Callbacks, Context, Data, Every, Failure, FinishReason, Outcome, Part, Place,
};
use crate::transport::Transport;

/// One action with its context, as sibling fields, so that a callback borrows both.
pub(crate) struct Session<A: 'static> {
    action: A,
    cx: Context<A>,
}

impl<A: Callbacks> Session<A> {
    pub fn new(action: A, mut desk: Desk, role: Role) -> Self {
        desk.course.role = role;
        Self { action, cx: Context::new(desk) }
    }

    /// Whether it has answered, and neither it nor its host has anything left to do.
    pub fn has_said_all(&self) -> bool {
        let desk = &self.cx.desk;
        desk.is_finished()
            && desk.wire.transport == Transport::Regular
            && !desk.has_refusal()
            && !self.has_farewell()
            && desk.surroundings.effects.borrow().is_empty()
    }

    /// Hands over a body that is there as the action has begun, if nothing is to be done for it
    /// before; `false` leaves it for later, or for nobody.
    pub fn hear_body(&mut self, body: &[u8]) -> bool {
        let desk = &self.cx.desk;
        let is_next = desk.wire.transport == Transport::Regular && !desk.has_asked();
        if !is_next || !A::TABLE.takes_data() {
            return false;
        }
        match self.takes_parts() {
            true => self.receive_part(Part { bytes: body, is_text: false, is_last: true }),
            false => self.receive(Data::Body(body)),
        }
        true
    }

    /// Runs the chain from `next` on.
    fn guard(&mut self, next: u16) {
        for (next, guard) in (1..).zip(A::TABLE.before_start).skip(usize::from(next)) {
            self.cx.desk.stage = Stage::Guarding { next };
            let outcome = self.call_timed(guard.name, guard.place, guard.call);
            self.settle(outcome, guard);
            // Refused, parked, or let go on already by its own `proceed`.
            if !matches!(self.cx.desk.stage, Stage::Guarding { .. }) {
                return;
            }
        }
        self.start();
    }

    fn start(&mut self) {
        self.cx.desk.stage = Stage::Running;
        if self.cx.desk.wire.transport.is_stream() {
            self.cx.desk.open();
        }
        match self.cx.desk.course.role {
            Role::Upstream => return,
            Role::HeadOnly => return self.conclude(FinishReason::Finished),
            Role::Full | Role::Service => {}
        }
        self.cx.desk.course.has_started = true;
        for subscription in self.cx.desk.declaration.subscriptions {
            self.cx.desk.record(Effect::Subscribe(subscription()));
        }
        self.arm_timers();
        for callback in A::TABLE.on_start {
            if self.cx.desk.is_ending() {
                break;
            }
            // Requests of a pipeline start the same action over and over.
            let outcome = self.call(callback.name, callback.place, callback.call);
            self.settle(outcome, callback);
        }
    }

    fn arm_timers(&mut self) {
        for (index, timer) in A::TABLE.timers.iter().enumerate() {
            let delay = match timer.every {
                Every::Fixed(period) => period,
                Every::Asked(pace) => match caught(|| pace(&self.action)) {
                    Ok(period) => period,
                    Err(failure) => {
                        let Callback { name, place, .. } = timer.callback;
                        return self.fail(failure, name, place);
                    }
                },
            };
            let timer = Timer(index as u32);
            self.cx.desk.record(Effect::Arm { timer, delay, is_periodic: true });
        }
    }

    /// Runs one callback in a net: a panic becomes its failure.
    fn call(
        &mut self,
        name: &'static str,
        place: Place,
        body: impl FnOnce(&mut A, &mut Context<A>) -> Outcome,
    ) -> Outcome {
        self.cx.desk.surroundings.begin_call(self.named(name, place));
        let (user, cx) = (&mut self.action, &mut self.cx);
        let outcome = caught(|| body(user, cx)).and_then(|outcome| outcome);
        match self.cx.desk.take_fault() {
            Some(fault) => outcome.and(Err(Failure::Error(fault.into()))),
            None => outcome,
        }
    }

    /// As [`call`](Self::call), and warns if it held the loop.
    fn call_timed(
        &mut self,
        name: &'static str,
        place: Place,
        body: impl FnOnce(&mut A, &mut Context<A>) -> Outcome,
    ) -> Outcome {
        let outcome = self.call(name, place, body);
        self.cx.desk.surroundings.look_at_clock();
        outcome
    }

    /// Runs callbacks one after another, as long as none of them ends the action.
    fn call_each<F: Copy>(
        &mut self,
        callbacks: &'static [Callback<F>],
        call: impl Fn(F, &mut A, &mut Context<A>) -> Outcome,
    ) {
        for callback in callbacks {
            if !self.is_running() {
                return;
            }
            let outcome =
                self.call(callback.name, callback.place, |user, cx| call(callback.call, user, cx));
            self.settle(outcome, callback);
        }
    }

    /// Draws the consequences of a callback that has returned.
    #[inline]
    fn settle<F>(&mut self, outcome: Outcome, callback: &Callback<F>) {
        self.settle_at(outcome, callback.name, callback.place);
    }

    #[inline]
    fn settle_at(&mut self, outcome: Outcome, name: &'static str, place: Place) {
        match outcome {
            Err(failure) => self.fail(failure, name, place),
            Ok(()) => self.follow_up(),
        }
    }

    /// Does what the callback asked of the lifecycle: mostly nothing.
    #[inline]
    fn follow_up(&mut self) {
        let desk = &self.cx.desk;
        if desk.has_asked_to_end() || matches!(desk.stage, Stage::Proceeding { .. }) {
            self.move_on();
        }
    }

    /// Moves through the lifecycle as the callback asked.
    fn move_on(&mut self) {
        match self.cx.desk.take_ending() {
            Some(Ending::Halt(halt)) => self.refuse(Refusal::Halt(halt)),
            Some(Ending::Finish) => self.finish(None),
            Some(Ending::Close(closing)) => self.finish(Some((closing.code, &closing.reason))),
            None => {
                if let Stage::Proceeding { next } = self.cx.desk.stage {
                    self.guard(next);
                }
            }
        }
    }

    /// A callback failed: it is logged, and the client told as far as that is still possible.
    fn fail(&mut self, failure: Failure, callback: &'static str, place: Place) {
        let call = self.named(callback, place);
        let action = call.action;
        if self.cx.desk.course.role == Role::Service {
            // A service serves on: it belongs to the process, not to one who could come back.
            return log_failure(call, &failure);
        }
        let refusal = match failure {
            Failure::Halt(halt) if !self.cx.desk.wire.is_head_sent => Refusal::Halt(halt),
            Failure::Rejected(rejection) if !self.cx.desk.wire.is_head_sent => {
                tracing::debug!(action, callback, %rejection, "what arrived was refused");
                Refusal::Halt(super::data::refusal(&rejection))
            }
            Failure::Rejected(rejection) => {
                tracing::debug!(action, callback, %rejection, "what arrived was refused");
                let reason = rejection.to_string();
                return self.break_off((rejection.close_code(), &reason));
            }
            failure => {
                log_failure(call, &failure);
                if self.cx.desk.wire.is_head_sent {
                    return self.break_off((INTERNAL_ERROR, "the action failed"));
                }
                Refusal::Failed { call, error: failure.to_string() }
            }
        };
        self.refuse(refusal);
    }

    /// Leaves another answer than the action's for the host to give.
    fn refuse(&mut self, refusal: Refusal) {
        self.cx.desk.out.clear();
        self.cx.desk.drawer().refusal = Some(Box::new(refusal));
        self.conclude(FinishReason::Failed);
    }

    /// Ends an answer in good order.
    fn finish(&mut self, close: Option<(u16, &str)>) {
        let desk = &mut self.cx.desk;
        desk.wire.finish(close, &mut desk.out);
        self.conclude(FinishReason::Finished);
    }

    /// Ends an answer under way the way its transport shows a failure.
    fn break_off(&mut self, close: (u16, &str)) {
        let desk = &mut self.cx.desk;
        desk.wire.fail(close, &mut desk.out);
        self.conclude(FinishReason::Failed);
    }

    fn conclude(&mut self, reason: FinishReason) {
        self.cx.desk.take_ending();
        self.cx.desk.stage = Stage::Finished(reason);
    }

    fn run_timer(&mut self, name: &'static str, place: Place, outcome: Outcome) {
        match outcome {
            // An error in a timer stops neither the timer nor the action; a panic leaves an
            // action nobody can vouch for.
            Err(failure @ (Failure::Error(_) | Failure::Halt(_) | Failure::Rejected(_)))
                if self.cx.desk.stage == Stage::Running =>
            {
                log_failure(self.named(name, place), &failure);
                self.follow_up();
            }
            outcome => self.settle_at(outcome, name, place),
        }
    }

    /// The upstream half ends by itself, once its body is heard and nothing is still to come.
    fn finish_upstream(&mut self) {
        if !self.cx.desk.course.has_body || !self.is_running() || self.cx.awaits_reply() {
            return;
        }
        let desk = &mut self.cx.desk;
        let answers_ok = desk.answer().is_none_or(|answer| answer.status == 200);
        if answers_ok && !desk.wire.has_rendered {
            desk.set_status(204);
        }
        self.finish(None);
    }

    /// One of this session's callbacks, as the log names it.
    fn named(&self, callback: &'static str, place: Place) -> Call {
        Call { action: self.cx.desk.declaration.name, callback, place }
    }

    fn is_running(&self) -> bool {
        self.cx.desk.stage == Stage::Running
    }
}

/// Close code of an unexpected condition (RFC 6455, section 7.4.1).
const INTERNAL_ERROR: u16 = 1011;
