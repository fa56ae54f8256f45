//! A session as its host sees it: what happens to it, call by call.

use std::time::Duration;

use super::super::context::Continuation;
use super::super::desk::{Desk, Refusal, Stage};
use super::super::effect::{Effect, Reply, ReplyId, Timer};
use super::super::live::{Live, Role};
use super::super::net::{log_failure, place_of};
use super::super::{Callback, Callbacks, Data, Drain, FinishReason, Gap, Halt, Message, Part};
use super::Session;
use crate::protocol::websocket::close_code::POLICY;
use crate::transport::Transport;

impl<A: Callbacks> Live for Session<A> {
    fn desk(&mut self) -> &mut Desk {
        &mut self.cx.desk
    }

    fn peek(&self) -> &Desk {
        &self.cx.desk
    }

    fn begin(&mut self) {
        self.guard(0);
    }

    fn takes_data(&self) -> bool {
        A::TABLE.takes_data()
    }

    fn takes_parts(&self) -> bool {
        !A::TABLE.on_part.is_empty()
    }

    fn receive(&mut self, data: Data<'_>) {
        self.cx.desk.surroundings.figures.messages_in.add(1);
        self.cx.desk.course.has_body = self.cx.desk.course.role == Role::Upstream;
        self.call_each(A::TABLE.on_data, |call, user, cx| call(user, cx, data));
        if self.cx.desk.course.has_body {
            self.finish_upstream();
        }
    }

    fn receive_part(&mut self, part: Part<'_>) {
        self.cx.desk.surroundings.figures.messages_in.add(u64::from(part.is_last));
        self.cx.desk.course.has_body = part.is_last && self.cx.desk.course.role == Role::Upstream;
        self.call_each(A::TABLE.on_part, |call, user, cx| call(user, cx, part));
        self.finish_upstream();
    }

    fn hears(&self) -> bool {
        !A::TABLE.on_message.is_empty() || self.cx.desk.course.role == Role::Service
    }

    fn hear(&mut self, message: &Message, has_cursor: bool) {
        let cursor = message.id().filter(|_| has_cursor && self.cx.desk.wire.carries_cursors());
        if let Some(cursor) = cursor {
            self.cx.desk.answer_stands_at(cursor);
        }
        for (left, callback) in (0..A::TABLE.on_message.len()).rev().zip(A::TABLE.on_message) {
            if !self.is_running() {
                return;
            }
            self.cx.desk.leaves_open = cursor.is_some();
            let Callback { name, place, call } = *callback;
            let outcome = self.call(name, place, |user, cx| call(user, cx, message));
            let desk = &mut self.cx.desk;
            desk.leaves_open = false;
            if left == 0 || desk.has_asked_to_end() {
                // Nothing more is rendered for this message: what was last carries its cursor.
                desk.wire.close_event(cursor, &mut desk.out);
            }
            self.settle(outcome, callback);
        }
    }

    fn pass_on(&mut self, message: &Message, has_cursor: bool) {
        let desk = &mut self.cx.desk;
        if has_cursor && let Some(cursor) = message.id() {
            desk.answer_stands_at(cursor);
        }
        desk.note_foreign_text();
        desk.put(&message.event());
        if let Some(fault) = desk.take_fault() {
            let action = desk.declaration.name;
            tracing::error!(action, channel = message.channel(), "a message was not sent: {fault}");
        }
        self.follow_up();
    }

    fn pass_on_item(&mut self, item: &[u8], cursor: Option<&str>) {
        let desk = &mut self.cx.desk;
        if let Some(cursor) = cursor {
            desk.answer_stands_at(cursor);
        }
        desk.wire.push_batched(item, &mut desk.out);
    }

    fn tell_gap(&mut self, gap: &Gap) {
        self.cx.desk.put(&gap.event());
        self.follow_up();
    }

    fn answers_gaps(&self) -> bool {
        !A::TABLE.on_gap.is_empty()
    }

    fn miss(&mut self, gap: &Gap) {
        self.call_each(A::TABLE.on_gap, |call, user, cx| call(user, cx, gap));
    }

    fn drain(&mut self) {
        if !self.cx.desk.course.has_started {
            // The upstream half of an action has nobody who was behind.
            return;
        }
        self.call_each(A::TABLE.on_drain, |call, user, cx| call(user, cx));
    }

    fn finish_batch(&mut self) {
        if self.is_running() {
            self.finish(None);
        }
    }

    fn expire(&mut self, timer: Timer) {
        if let Some(declared) = A::TABLE.timers.get(timer.0 as usize) {
            if !self.is_running() {
                return;
            }
            let Callback { name, place, call } = declared.callback;
            let outcome = self.call_timed(name, place, call);
            return self.run_timer(name, place, outcome);
        }
        if self.cx.desk.is_finished() {
            return;
        }
        let Some((location, what)) = self.cx.take_waiting(timer.0) else { return };
        let place = place_of(location);
        match what {
            Continuation::Once(run) => {
                let outcome = self.call_timed("a closure of `after`", place, run);
                self.run_timer("a closure of `after`", place, outcome);
            }
            Continuation::Every(mut run) => {
                // While it runs it may cancel itself, so it is put back before, not after.
                let cancelled_before = self.cx.desk.surroundings.effects.borrow().len();
                let outcome = self.call_timed("a closure of `every`", place, &mut run);
                let is_cancelled = self.cx.desk.surroundings.effects.borrow()[cancelled_before..]
                    .iter()
                    .any(|effect| matches!(effect, Effect::Disarm { timer: t } if *t == timer));
                if !is_cancelled {
                    self.cx.put_back(timer.0, location, Continuation::Every(run));
                }
                self.run_timer("a closure of `every`", place, outcome);
            }
            Continuation::Reply(..) => unreachable!("replies and timers never share an id"),
        }
    }

    fn reply(&mut self, id: ReplyId, reply: Reply) {
        if self.cx.desk.is_finished() {
            return;
        }
        let Some((location, what)) = self.cx.take_waiting(id.0) else { return };
        let Continuation::Reply(name, run) = what else { return };
        let place = place_of(location);
        let outcome = self.call_timed(name, place, |user, cx| run(user, cx, reply));
        self.settle_at(outcome, name, place);
        self.finish_upstream();
    }

    fn end(&mut self, reason: FinishReason) {
        if !self.cx.desk.is_finished() {
            self.conclude(reason);
        }
    }

    fn time_out(&mut self) {
        if self.is_running() {
            self.conclude(FinishReason::TimedOut);
        }
    }

    fn hear_of_stop(&mut self) {
        if self.is_running() && !std::mem::replace(&mut self.cx.desk.course.has_heard_of_stop, true)
        {
            self.call_each(A::TABLE.on_stop, |call, user, cx| call(user, cx));
        }
    }

    fn stop(&mut self, why: Drain, retry: Duration) {
        let desk = &mut self.cx.desk;
        if desk.stage != Stage::Running {
            return;
        }
        if desk.course.role == Role::Service {
            return self.conclude(FinishReason::ServerStopping);
        }
        // A regular answer is finished by its action, within the server's deadline.
        if desk.wire.transport != Transport::Regular {
            desk.wire.stop(retry, Some(why.close()), &mut desk.out);
            self.conclude(FinishReason::ServerStopping);
        }
    }

    fn shed(&mut self, retry: Duration, close: Option<(u16, &str)>, reason: FinishReason) {
        if self.is_running() {
            let desk = &mut self.cx.desk;
            desk.wire.stop(retry, close, &mut desk.out);
            self.conclude(reason);
        }
    }

    fn overdo(&mut self, why: &str) {
        if self.cx.desk.wire.is_head_sent {
            return self.break_off((POLICY, why));
        }
        let halt = Halt::new(500, "Something went wrong\n");
        let halt = halt.header("content-type", "text/plain; charset=utf-8");
        self.refuse(Refusal::Halt(halt));
    }

    fn has_started(&self) -> bool {
        self.cx.desk.course.has_started
    }

    fn has_farewell(&self) -> bool {
        self.cx.desk.course.has_started && !A::TABLE.on_finish.is_empty()
    }

    fn farewell(&mut self) {
        if !std::mem::take(&mut self.cx.desk.course.has_started) {
            return;
        }
        for &Callback { name, place, call } in A::TABLE.on_finish {
            if let Err(failure) = self.call_timed(name, place, call) {
                log_failure(self.named(name, place), &failure);
            }
        }
    }
}
