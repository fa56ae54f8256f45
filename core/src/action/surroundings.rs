//! What every context on a loop shares: the time of the tick, and the call under way.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::drawer::Drawers;
use super::effect::Effect;
use super::roll::Roll;
use super::{Cors, Declaration, Origins, Place};
use crate::figures::Figures;
use crate::protocol::http::{Date, RequestHead, Sharing};
use crate::transport::ReadyHeads;

/// Shared by all sessions of one server; read through `Context`, written by the server's tick.
pub(crate) struct Surroundings {
    /// What is counted.
    pub figures: Figures,
    /// When the tick began.
    pub now: Cell<Instant>,
    /// What answers made in this second begin with, and how they say it.
    pub heads: RefCell<ReadyHeads>,
    /// The callback called last, for the one who finds that it took too long.
    pub last_call: Cell<Option<Call>>,
    /// How often callbacks were called since the clock was last looked at.
    pub calls: Cell<u32>,
    /// Asked for by the session that is called, and not yet applied by the host.
    pub effects: RefCell<Vec<Effect>>,
    pub spare_drawers: Drawers,
    /// The id that is minted next.
    pub next_id: Cell<u32>,
    /// When the first of the calls began, on the real clock.
    pub began: Cell<Instant>,
    /// The events so far, and more for each wait and for work of the loop's own: what was before
    /// those is not the event before.
    pub events: Cell<u32>,
    /// When the clock was last looked at, and in which event.
    pub looked: Cell<(u32, Instant)>,
    /// A callback that holds the loop longer is named in the log; `None` asks for no such warning.
    pub slow_callback: Option<Duration>,
    /// Bytes of one published event.
    pub event_bytes_max: usize,
    /// The pages that may speak to actions which do not say.
    pub origins: Origins,
    /// The pages of other origins that may read the answers of actions which do not say.
    pub cors: Option<Cors>,
    /// Who is present; changed by the host alone.
    pub roll: RefCell<Roll>,
    /// Bytes of a key and its value.
    pub presence_bytes_max: usize,
    /// How long one who is lost may take to come back.
    pub presence_grace: Duration,
}

/// One callback of one action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub action: &'static str,
    pub callback: &'static str,
    pub place: Place,
}

impl Call {
    /// Whether it is of the same callback of the same action.
    fn is_same(&self, other: &Self) -> bool {
        self.place.line == other.place.line
            && std::ptr::eq(self.callback, other.callback)
            && std::ptr::eq(self.action, other.action)
    }
}

impl Surroundings {
    /// The pages that may speak to what is declared so, or to anything.
    pub fn origins_of(&self, declaration: Option<&Declaration>) -> &Origins {
        declaration.and_then(|declaration| declaration.origins).unwrap_or(&self.origins)
    }

    /// The pages of other origins that may read what it answers.
    pub fn cors_of(&self, declaration: Option<&Declaration>) -> Option<&Cors> {
        declaration.and_then(|declaration| declaration.cors).or(self.cors.as_ref())
    }

    /// What an answer to a request says about who may read it.
    #[inline]
    pub fn sharing<'a>(
        &'a self,
        declaration: Option<&Declaration>,
        head: &'a RequestHead,
    ) -> Sharing<'a> {
        let Some(cors) = self.cors_of(declaration) else { return Sharing::default() };
        cors.answer(self.origins_of(declaration), head.header("origin"))
    }

    /// The second it is, as answers say it.
    pub fn date(&self) -> Date {
        *self.heads.borrow().date()
    }

    /// Notes that an event is handled: right after another, or as the first since a wait or since
    /// something else that took who knows how long.
    pub fn begin_event(&self, is_first: bool) {
        self.events.set(self.events.get().wrapping_add(1 + u32::from(is_first)));
    }

    /// Notes that the clock was looked at just before this event: its first call begins then.
    pub fn note_look(&self, at: Instant) {
        self.looked.set((self.events.get().wrapping_sub(1), at));
    }

    /// When the clock was looked at last, if nothing has happened since.
    pub fn last_look(&self) -> Option<Instant> {
        let (event, looked) = self.looked.get();
        (event == self.events.get() && self.calls.get() == 0).then_some(looked)
    }

    /// Notes that the loop has done work of its own, which took who knows how long: no look at the
    /// clock before it says when the next call begins.
    #[inline]
    pub fn note_own_work(&self) {
        self.events.set(self.events.get().wrapping_add(2));
    }

    /// Notes a call that is about to be made; the first of several begins their time.
    ///
    /// Where the event before, or this one, has looked at the clock as a call ended, that is when,
    /// as long as the loop has done nothing of its own since.
    #[inline]
    pub fn begin_call(&self, call: Call) {
        if self.last_call.get().is_some_and(|last| !last.is_same(&call)) {
            self.look_at_clock();
        }
        let calls = self.calls.get();
        if calls == 0 && self.slow_callback.is_some() {
            let (event, looked) = self.looked.get();
            let is_recent = self.events.get().wrapping_sub(event) <= 1;
            self.began.set(if is_recent { looked } else { Instant::now() });
        }
        self.calls.set(calls + 1);
        self.last_call.set(Some(call));
    }

    /// Warns if the calls since the clock was last looked at held the loop longer than one may.
    ///
    /// Messages and requests that arrive together are handed over one after another, and timed
    /// together as far as they come to the same callback: a look at the clock for each would cost
    /// more than many a message.
    #[inline]
    pub fn look_at_clock(&self) {
        if self.calls.get() > 0 {
            self.time_calls();
        }
    }

    fn time_calls(&self) {
        let calls = self.calls.take();
        let (Some(limit), Some(call)) = (self.slow_callback, self.last_call.get()) else { return };
        let now = Instant::now();
        self.looked.set((self.events.get(), now));
        let took = now.saturating_duration_since(self.began.get());
        self.figures.calls.note(call.action, call.callback, calls, took);
        if took > limit {
            tracing::warn!(
                action = call.action,
                callback = call.callback,
                at = %call.place,
                calls,
                took_ms = took.as_millis() as u64,
                "a callback held the loop; move long work into `cx.defer`"
            );
        }
    }
}
