//! The context: what a callback is lent.

mod channels;
mod measuring;
mod presence;
mod request;
mod waiting;

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::panic::Location;
use std::time::{Duration, Instant};

use super::defer::Deferred;
use super::desk::{Closing, Desk, Ending, Stage};
use super::effect::{Effect, ReplyId, Timer};
use super::{Action, Callbacks, DeferError, Drain, Event, FinishReason, Halt, IntoOutcome};
use crate::protocol::websocket::is_sendable_close_code;
use crate::transport::Transport;
pub(super) use waiting::Continuation;
use waiting::Waiting;

/// What a callback is lent: the request, the wire, timers, channels.
///
/// Rendering encodes at once; everything else is recorded and happens when the callback has
/// returned, so nothing can call back into an action that is being called.
pub struct Context<A: 'static> {
    pub(crate) desk: Desk,
    waiting: Waiting<A>,
}

impl<A: Callbacks> Context<A> {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk, waiting: Waiting::default() }
    }

    /// The time of this tick, on a clock that only goes forward.
    pub fn now(&self) -> Instant {
        self.desk.now()
    }

    /// Runs `callback` once, after `delay`, unless the action has ended.
    #[track_caller]
    pub fn after<R: IntoOutcome>(
        &mut self,
        delay: Duration,
        callback: impl FnOnce(&mut A, &mut Context<A>) -> R + 'static,
    ) -> Timer {
        let what = Continuation::Once(Box::new(|action, cx| callback(action, cx).into_outcome()));
        let timer = Timer(self.wait_for(what));
        self.desk.record(Effect::Arm { timer, delay, is_periodic: false });
        timer
    }

    /// Runs `callback` every `period` at a fixed rate, first after one period, until it is
    /// cancelled or the action ends. A period of zero counts as 1 ms.
    #[track_caller]
    pub fn every<R: IntoOutcome>(
        &mut self,
        period: Duration,
        mut callback: impl FnMut(&mut A, &mut Context<A>) -> R + 'static,
    ) -> Timer {
        let what =
            Continuation::Every(Box::new(move |action, cx| callback(action, cx).into_outcome()));
        let timer = Timer(self.wait_for(what));
        self.desk.record(Effect::Arm { timer, delay: period, is_periodic: true });
        timer
    }

    /// Cancels a timer. One that has fired or was cancelled before is no error.
    pub fn cancel(&mut self, timer: Timer) {
        self.waiting.take(timer.0);
        self.desk.record(Effect::Disarm { timer });
    }

    /// Runs blocking work on another thread; `.then(..)` takes the result, back on the loop.
    ///
    /// ```
    /// # use crampon::prelude::*;
    /// # use crampon::action::DeferError;
    /// #[action(transport = regular)]
    /// struct Report;
    ///
    /// #[callbacks]
    /// impl Report {
    ///     #[on_start]
    ///     fn count(&mut self, cx: &mut Context<Self>) {
    ///         cx.defer(|| std::fs::read_dir("/").map(Iterator::count)).then(Self::counted);
    ///     }
    ///
    ///     fn counted(
    ///         &mut self,
    ///         cx: &mut Context<Self>,
    ///         count: Result<std::io::Result<usize>, DeferError>,
    ///     ) -> crampon::Result<()> {
    ///         cx.render(format!("{} entries", count??));
    ///         cx.finish();
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn defer<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Deferred<'_, A, T> {
        Deferred { cx: self, job: Box::new(|| Box::new(work())), _result: PhantomData }
    }

    /// Stops the server as SIGTERM does, once this callback has returned: nobody new comes in,
    /// answers are finished, every stream is ended its transport's way. A second call changes
    /// nothing.
    pub fn drain(&mut self, why: Drain) {
        self.desk.record(Effect::Drain(why));
    }

    /// Why the action or service ended; of use in `#[on_finish]`.
    pub fn finish_reason(&self) -> FinishReason {
        self.desk.reason()
    }

    /// Runs `callback` when all that is rendered has been taken by the client's system: how one
    /// who has much to send keeps to the pace of the one who reads it.
    #[track_caller]
    pub(crate) fn when_written<R: IntoOutcome>(
        &mut self,
        callback: impl FnOnce(&mut A, &mut Context<A>) -> R + 'static,
    ) {
        let what = Continuation::Once(Box::new(|action, cx| callback(action, cx).into_outcome()));
        let id = self.wait_for(what);
        self.desk.drawer().when_written = NonZeroU32::new(id);
    }

    #[track_caller]
    fn wait_for(&mut self, what: Continuation<A>) -> u32 {
        let id = self.desk.mint();
        self.waiting.put(id, Location::caller(), what);
        id
    }

    #[track_caller]
    pub(super) fn await_reply(&mut self, what: Continuation<A>) -> ReplyId {
        ReplyId(self.wait_for(what))
    }

    /// Whether a deferred result is still to come.
    pub(super) fn awaits_reply(&self) -> bool {
        self.waiting.any(|what| matches!(what, Continuation::Reply(..)))
    }

    /// Takes what waits under `id`, with the place that made it wait.
    pub(super) fn take_waiting(
        &mut self,
        id: u32,
    ) -> Option<(&'static Location<'static>, Continuation<A>)> {
        self.waiting.take(id)
    }

    /// Lets a periodic closure wait on.
    pub(super) fn put_back(
        &mut self,
        id: u32,
        place: &'static Location<'static>,
        what: Continuation<A>,
    ) {
        self.waiting.put(id, place, what);
    }
}

impl<A: Action> Context<A> {
    /// Says something to the viewer: one event, message, chunk, answer or part of it, as the
    /// transport has it.
    ///
    /// Takes text, bytes, an [`Event`], a [`Data`](super::Data) or a `&Message`. After `finish` it
    /// does nothing. A long poll says one thing and finishes, or all there is by the end of the
    /// tick, if it is answered in a [batch](Self::batch).
    pub fn render<'e>(&mut self, said: impl Into<Event<'e>>) {
        self.desk.render(&said.into());
    }

    /// Answers a long poll with all that is pending as a JSON array, whatever its client accepts:
    /// `[{"id":..,"event":..,"data":..}]`, as one that asks for `application/json` is answered.
    ///
    /// It is said before anything is rendered; on other transports it does nothing.
    pub fn batch(&mut self) {
        self.desk.batch();
    }

    /// Ends the action when this callback returns; all that was rendered before is flushed.
    pub fn finish(&mut self) {
        self.end(Ending::Finish);
    }

    /// Ends a WebSocket with a close code and a reason (cut at 123 bytes); elsewhere it is
    /// [`finish`](Self::finish).
    ///
    /// A code that may not be sent (RFC 6455, section 7.4) fails the callback.
    pub fn close(&mut self, code: u16, reason: &str) {
        if !is_sendable_close_code(code) {
            return self.desk.blame(format!(
                "`{code}` is not a close code to send: use 1000 to 1003, 1007 to 1014 or 3000 to \
                 4999"
            ));
        }
        self.end(Ending::Close(Closing { code, reason: reason.into() }));
    }

    fn end(&mut self, ending: Ending) {
        match self.desk.stage {
            Stage::Running => self.desk.ask_to_end(ending),
            Stage::Finished(_) => {}
            _ => self.desk.blame("`finish` before the action has started; refuse with a `Halt`"),
        }
    }

    /// Parks `before_start`: nothing more runs until [`proceed`](Self::proceed) or
    /// [`halt`](Self::halt), called from a timer or a deferred result. A deadline answers 503.
    pub fn hold(&mut self) {
        match self.desk.stage {
            Stage::Guarding { next } => self.desk.stage = Stage::Held { next },
            _ => self.desk.blame("`hold` works in `before_start` only"),
        }
    }

    /// Lets a parked `before_start` chain go on. A second call is ignored.
    pub fn proceed(&mut self) {
        if let Stage::Held { next } = self.desk.stage {
            self.desk.stage = Stage::Proceeding { next };
        }
    }

    /// Answers instead of starting. Once the action has started, or the chain was let go on, it
    /// is ignored.
    pub fn halt(&mut self, halt: Halt) {
        if matches!(self.desk.stage, Stage::Guarding { .. } | Stage::Held { .. }) {
            self.desk.ask_to_end(Ending::Halt(halt));
        }
    }

    /// Stops reading from the client; what TCP buffers then holds the client back.
    pub fn pause(&mut self) {
        self.desk.record(Effect::Pause);
    }

    /// Reads on after [`pause`](Self::pause).
    pub fn resume(&mut self) {
        self.desk.record(Effect::Resume);
    }

    /// Sets the status of the answer, 200 unless said otherwise, until the head is sent.
    pub fn set_status(&mut self, status: u16) {
        self.desk.set_status(status);
    }

    /// Sets a header of the answer until the head is sent; `set-cookie` and `vary` add one.
    ///
    /// A name or value that is no header (CR, LF, NUL) fails the callback, and so do the headers
    /// that frame the message, which are the transport's.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.desk.set_header(name, value);
    }

    /// The transport this instance speaks on.
    pub fn transport(&self) -> Transport {
        self.desk.wire.transport
    }

    /// The WebSocket subprotocol agreed on, if any.
    pub fn subprotocol(&self) -> Option<&'static str> {
        let declared = self.desk.declaration.subprotocols;
        self.desk.wire.subprotocol.map(|agreed| agreed.name(declared))
    }
}

impl From<DeferError> for Halt {
    /// Work that could not be done is a service unavailable for the moment.
    fn from(error: DeferError) -> Self {
        Self::new(503, format!("{error}\n")).header("content-type", "text/plain; charset=utf-8")
    }
}
