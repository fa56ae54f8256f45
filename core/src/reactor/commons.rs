//! What the handlers share, lent to one at a time: sources, timers, the pool, the driver.

use std::any::TypeId;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::driver::Driver;
use super::handle::Handle;
use super::mailbox::Mailbox;
use super::pool::Pool;
use super::roster::Roster;
use super::sources::Sources;
use super::wheel::Wheel;
use super::{Handler, Key, Load, Readiness, Scope, Source, Ticks};

/// Whom a timer is for, and under which of its keys.
pub(super) type Due = (Key, u64);

/// A change among the handlers, made once the call that asked for it has returned.
pub(super) enum Change {
    /// A handler was added.
    Arrives(Key, Box<dyn Handler>),
    /// A handler is done.
    Leaves(Key),
}

/// All of the loop but the handlers.
pub(super) struct Commons {
    pub(super) driver: Driver,
    pub(super) sources: Sources,
    pub(super) wheel: Wheel<Due>,
    pub(super) roster: Roster,
    pub(super) changes: Vec<Change>,
    pub(super) pool: Pool,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) is_stopped: bool,
    /// The tick's time.
    pub(super) now: Instant,
    /// The same, as the wheel counts it.
    nanos: u64,
    /// When the last tick ended, as the wheel counts it, as long as nothing has happened since.
    tick_ended: Option<u64>,
    /// When the system's clock was looked at, as long as no handler has been called since.
    pub(super) looked: Option<Instant>,
    ticks: Ticks,
    /// From when the wheel counts.
    epoch: Instant,
    /// The sources to be visited in the next round though no event will come.
    revisits: Vec<Source>,
}

impl Commons {
    pub(super) fn new(driver: Driver, mailbox: Mailbox, pool: Pool) -> Self {
        let epoch = driver.now();
        Self {
            driver,
            sources: Sources::new(),
            wheel: Wheel::new(),
            roster: Roster::new(),
            changes: Vec::new(),
            pool,
            mailbox: Arc::new(mailbox),
            is_stopped: false,
            now: epoch,
            nanos: 0,
            tick_ended: None,
            looked: None,
            ticks: Ticks::default(),
            epoch,
            revisits: Vec::new(),
        }
    }

    /// Waits for events, the nearest deadline or `limit`, and reads the clock.
    ///
    /// The sources to revisit come with the events, each of them once.
    pub(super) fn wait(
        &mut self,
        limit: Option<Duration>,
        events: &mut Vec<Readiness>,
    ) -> io::Result<()> {
        self.pool.run_inline();
        let patience = self.patience(limit);
        self.driver.wait(patience, events)?;
        self.refresh();
        self.looked = self.driver.is_real().then_some(self.now);
        if !self.revisits.is_empty() {
            for event in &mut *events {
                event.revisited = self.sources.dequeue(event.source);
            }
            for source in self.revisits.drain(..) {
                if self.sources.dequeue(source) {
                    events.push(Readiness::revisit(source));
                }
            }
        }
        Ok(())
    }

    /// How long a wait may last; `None` if until an event.
    fn patience(&mut self, limit: Option<Duration>) -> Option<Duration> {
        let tick_ended = self.tick_ended.take();
        if self.is_pending() {
            return Some(Duration::ZERO);
        }
        let Some(nearest) = self.wheel.nearest() else { return limit };
        let now = tick_ended.unwrap_or_else(|| self.nanos_at(self.driver.now()));
        let left = Duration::from_nanos(nearest.saturating_sub(now));
        Some(limit.map_or(left, |limit| limit.min(left)))
    }

    /// Notes how long the tick was. The clock is read for that and for the wait that follows,
    /// unless who was called last has just done so.
    pub(super) fn end_tick(&mut self) {
        let looked = self.looked.take().filter(|_| self.driver.is_real());
        let ended = self.nanos_at(looked.unwrap_or_else(|| self.driver.now()));
        self.ticks.note(ended.saturating_sub(self.nanos));
        self.tick_ended = Some(ended);
    }

    /// Has the next wait read the clock for itself.
    pub(super) fn forget_tick_end(&mut self) {
        self.tick_ended = None;
    }

    /// What the loop carries.
    pub(super) fn load(&self) -> Load {
        let (jobs_waiting, jobs_running) = self.pool.jobs();
        Load {
            sources: self.sources.len(),
            timers: self.wheel.len(),
            jobs_waiting,
            jobs_running,
            calls_waiting: self.mailbox.waiting(),
            ticks: self.ticks.clone(),
        }
    }

    /// Whether there is something to do that no event will announce.
    pub(super) fn is_pending(&self) -> bool {
        !self.revisits.is_empty()
            || self.roster.is_unsettled()
            || self.mailbox.has_calls()
            || self.pool.has_inline()
    }

    /// When the loop next has something to do by itself.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.is_pending() {
            return Some(self.driver.now());
        }
        self.epoch.checked_add(Duration::from_nanos(self.wheel.nearest()?))
    }

    /// The tick's time as the wheel counts it.
    pub(super) fn nanos(&self) -> u64 {
        self.nanos
    }

    fn nanos_at(&self, time: Instant) -> u64 {
        nanos(time.saturating_duration_since(self.epoch))
    }

    /// Reads the clock.
    pub(super) fn refresh(&mut self) {
        self.now = self.driver.now();
        self.nanos = self.nanos_at(self.now);
    }

    /// Admits the handler that `build` makes, from the end of the present call on.
    pub(super) fn add<H: Handler>(
        &mut self,
        build: impl FnOnce(&mut Scope<'_>) -> io::Result<H>,
    ) -> io::Result<Handle<H>> {
        let key = self.roster.admit(TypeId::of::<H>(), Arc::clone(&self.mailbox));
        let built = build(&mut Scope::new(self, key, None));
        match built {
            Ok(handler) => {
                self.changes.push(Change::Arrives(key, Box::new(handler)));
                let line = self.roster.line(key, TypeId::of::<H>());
                Ok(Handle::new(line.expect("the handler was admitted as an `H`")))
            }
            Err(error) => {
                self.dismiss(key);
                Err(error)
            }
        }
    }

    /// Strikes a handler off the roster; `false` if it was before.
    ///
    /// The sources it leaves behind are swept up once they are as many as the others, so that no
    /// removal costs more than its share.
    pub(super) fn dismiss(&mut self, key: Key) -> bool {
        let was_living = self.roster.dismiss(key);
        if self.roster.abandoned() > self.sources.len() / 2 {
            let Self { sources, roster, .. } = self;
            sources.sweep(|owner| {
                let is_gone = roster.at(owner).is_none();
                if is_gone {
                    roster.source_went(owner);
                }
                is_gone
            });
        }
        was_living
    }

    /// Frees the slot of a source; nothing said about it later reaches anyone.
    pub(super) fn release(&mut self, source: Source) {
        if let Some(owner) = self.sources.remove(source) {
            self.roster.source_went(owner);
        }
    }

    /// Lists a source for a visit in the next round, once.
    pub(super) fn revisit(&mut self, source: Source) {
        if self.sources.enqueue(source) {
            self.revisits.push(source);
        }
    }

    /// Who is to hear of an event, and the event under the key it was registered with.
    pub(super) fn addressed(&self, event: Readiness) -> Option<(Key, Readiness)> {
        let (owner, key) = self.sources.find(event.source)?;
        Some((self.roster.at(owner)?, Readiness { key, ..event }))
    }
}

/// A span in nanoseconds, at most the 584 years that fit.
pub(super) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
