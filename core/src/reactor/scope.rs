//! The scope: what a handler may ask of the loop, lent to it for one call.

use std::any::TypeId;
use std::io;
use std::time::{Duration, Instant};

use super::commons::{Change, Commons, nanos};
use super::handle::downcast;
use super::mailbox::Call;
use super::pool::attempt;
use super::{Handle, Handler, Interest, Key, Load, QueueFull, Register, Source, Timer, WorkError};

/// What the handler being called may ask of the loop.
pub struct Scope<'a> {
    commons: &'a mut Commons,
    owner: Key,
    looked: Option<Instant>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(commons: &'a mut Commons, owner: Key, looked: Option<Instant>) -> Self {
        Self { commons, owner, looked }
    }
}

impl Scope<'_> {
    /// The time, read once a tick.
    pub fn now(&self) -> Instant {
        self.commons.now
    }

    /// When the system's clock was looked at right before this call, if it was; it need not be
    /// looked at again to know when the call began.
    pub(crate) fn looked(&self) -> Option<Instant> {
        self.looked
    }

    /// Notes that this call ends with a look at the system's clock, for who comes next.
    pub(crate) fn note_look(&mut self, at: Instant) {
        self.commons.looked = Some(at);
    }

    /// Notes that this call does nothing, so that the look before it is as good for who comes next.
    pub(crate) fn pass_look_on(&mut self) {
        self.commons.looked = self.looked;
    }

    /// Registers a source of events for this handler, which will hear of them under `key`.
    ///
    /// Events are edges (see [`Readiness`](super::Readiness)); one comes at once if the source is
    /// ready. Deregister or [`release`](Self::release) a source before it is dropped.
    ///
    /// # Errors
    /// What the system says, for instance `AlreadyExists`; `Unsupported` for a real source on a
    /// simulated loop, or the reverse.
    pub fn register(
        &mut self,
        on: &mut impl Register,
        key: usize,
        interest: Interest,
    ) -> io::Result<Source> {
        let source = self.commons.sources.insert(self.owner.slot, key);
        self.commons.roster.source_came(self.owner.slot);
        match on.register(&self.commons.driver.registrar(), source, interest) {
            Ok(()) => Ok(source),
            Err(error) => {
                self.commons.release(source);
                Err(error)
            }
        }
    }

    /// Ends a registration; events already on their way are dropped.
    ///
    /// # Errors
    /// What the system says, for instance `NotFound` if there was none. The name `source` is
    /// without meaning afterwards all the same.
    pub fn deregister(&mut self, source: Source, on: &mut impl Register) -> io::Result<()> {
        self.commons.release(source);
        on.deregister(&self.commons.driver.registrar())
    }

    /// Forgets a source that is about to be dropped.
    ///
    /// Closing its descriptor ends the registration too, and so saves a system call; not where
    /// the descriptor has a duplicate that lives on.
    pub fn release(&mut self, source: Source) {
        self.commons.release(source);
    }

    /// Has `ready` called for a source in the next round, though no event may come.
    ///
    /// For a handler that stops before the source would block. The loop does not wait meanwhile.
    /// However often it is asked for, it happens once; an event that comes first is it.
    pub fn revisit(&mut self, source: Source) {
        self.commons.revisit(source);
    }

    /// Arms a timer that fires once `delay` has passed since [`now`](Self::now), never before.
    ///
    /// `key` is handed to [`expired`](Handler::expired). A delay of nothing fires in the next
    /// round.
    pub fn after(&mut self, delay: Duration, key: u64) -> Timer {
        let deadline = self.commons.nanos().saturating_add(nanos(delay));
        self.commons.wheel.once(deadline, (self.owner, key))
    }

    /// Arms a timer that fires at every multiple of `period` since [`now`](Self::now).
    ///
    /// The first is after one period, and none drifts. A late one fires once, not in a burst, and
    /// then at its next multiple. A period below 1 ms counts as 1 ms.
    pub fn every(&mut self, period: Duration, key: u64) -> Timer {
        let now = self.commons.nanos();
        self.commons.wheel.every(now, nanos(period), (self.owner, key))
    }

    /// Disarms a timer; `false` if it had fired its last or was cancelled before.
    ///
    /// Once it returns the timer does not fire, even if it has come due in this round.
    pub fn cancel(&mut self, timer: Timer) -> bool {
        self.commons.wheel.cancel(timer)
    }

    /// What the loop carries: for those who watch over it.
    ///
    /// It looks into two queues shared with other threads, under their locks: cheap, but not for
    /// every event.
    pub fn load(&self) -> Load {
        self.commons.load()
    }

    /// The keys of all timers this handler has armed, in no order, for who counts what is left.
    pub(crate) fn timer_keys(&self) -> impl Iterator<Item = u64> {
        let own = self.commons.wheel.loads().filter(|(owner, _)| *owner == self.owner);
        own.map(|(_, key)| key)
    }

    /// Keeps the next wait from blocking: this handler has more to settle, and is settled in the
    /// next round too.
    pub fn again(&mut self) {
        self.commons.roster.again(self.owner);
    }

    /// A handle to the handler being called.
    ///
    /// # Panics
    /// If `H` is not its type.
    pub fn handle<H: Handler>(&self) -> Handle<H> {
        let line = self.commons.roster.line(self.owner, TypeId::of::<H>());
        Handle::new(line.unwrap_or_else(|| {
            let asked = std::any::type_name::<H>();
            panic!("the handler being called is not a `{asked}`; ask for a handle of its own type")
        }))
    }

    /// Has `job` done by the pool and `then` called with its result, in a later round of calls.
    ///
    /// A job that panics gives [`WorkError::Panicked`]. If the handler goes first, the result is
    /// dropped. On a simulated loop the job runs on the loop itself, in the next wait.
    ///
    /// # Errors
    /// [`QueueFull`] if no place is left for the job; it never waits for one.
    ///
    /// # Panics
    /// If `H` is not the type of the handler being called.
    pub fn work<H: Handler, T: Send + 'static>(
        &mut self,
        job: impl FnOnce() -> T + Send + 'static,
        then: impl FnOnce(&mut H, Result<T, WorkError>, &mut Scope<'_>) + Send + 'static,
    ) -> Result<(), QueueFull> {
        let line = self.handle::<H>().line;
        self.commons.pool.submit(Box::new(move || {
            let result = attempt(job);
            let errand = Box::new(move |handler: &mut dyn Handler, scope: &mut Scope<'_>| {
                then(downcast(handler), result, scope);
            });
            // With the loop gone there is nobody left to tell.
            line.mailbox.leave(Call { to: line.key, errand }).ok();
        }))
    }

    /// A random number; the same one in the same place of every simulation from the same seed.
    ///
    /// For jitter and sampling, not for secrets.
    pub fn random(&mut self) -> u64 {
        self.commons.driver.random()
    }

    /// Adds the handler that `build` makes, with its sources registered in the scope it is lent.
    ///
    /// It is called from the next call on, so an event already found may be its first.
    ///
    /// # Errors
    /// Those of `build`; then nothing of it remains.
    pub fn add<H: Handler>(
        &mut self,
        build: impl FnOnce(&mut Scope<'_>) -> io::Result<H>,
    ) -> io::Result<Handle<H>> {
        self.commons.add(build)
    }

    /// Ends this handler once the call has returned.
    ///
    /// It is dropped, its sources and timers are forgotten, and calls to it go nowhere.
    pub fn remove(&mut self) {
        self.commons.changes.push(Change::Leaves(self.owner));
    }

    /// Stops the loop at the end of this tick.
    pub fn stop(&mut self) {
        self.commons.is_stopped = true;
    }
}
