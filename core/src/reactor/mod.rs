//! Sockets, time and threads on one loop.
//!
//! A [`Reactor`] waits for events and calls the [`Handler`]s they concern, always in the same
//! order: events, timers, calls from other threads, and last what is left to settle. It knows no
//! protocol. Use it bare for sockets, timers and threads of your own, by itself or inside another
//! loop; with [`Reactor::simulated`] the same handlers run on a network in memory and a clock that
//! you move.
//!
//! ```
//! use std::time::Duration;
//!
//! use crampon::reactor::{Handler, Reactor, Readiness, Scope, Timer};
//!
//! /// Counts to three.
//! struct Clock {
//!     ticks: u32,
//! }
//!
//! impl Handler for Clock {
//!     fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}
//!
//!     fn expired(&mut self, _: Timer, _: u64, scope: &mut Scope<'_>) {
//!         self.ticks += 1;
//!         if self.ticks == 3 {
//!             scope.stop();
//!         }
//!     }
//! }
//!
//! let mut reactor = Reactor::new()?;
//! reactor.add(|scope| {
//!     scope.every(Duration::from_millis(5), 0);
//!     Ok(Clock { ticks: 0 })
//! })?;
//! reactor.run()?;
//! # std::io::Result::Ok(())
//! ```

mod commons;
mod driver;
mod handle;
mod handler;
mod inherited;
mod listener;
mod load;
mod mailbox;
mod pool;
mod random;
mod register;
mod roster;
mod scope;
mod settings;
pub mod sim;
mod sources;
mod stream;
mod tcp_options;
#[cfg(test)]
mod tests;
mod ticks;
mod wheel;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use commons::Commons;
use driver::Driver;
use handle::downcast;
use handler::{Handlers, Key};
use mailbox::{Bell, Call, Mailbox};
use pool::Pool;
use sim::Net;

pub use handle::{Handle, PostError};
pub use handler::{Handler, Readiness};
pub use listener::{BACKLOG, Listener};
pub use load::Load;
/// The mio this loop is built on, for sources of one's own.
pub use mio;
pub use mio::Interest;
pub use pool::{QueueFull, WorkError};
pub use register::{Register, Registrar};
pub use scope::Scope;
pub use settings::Settings;
pub use sim::{Peer, Simulation, Weather};
pub use sources::Source;
pub use stream::Stream;
pub use tcp_options::TcpOptions;
pub use ticks::Ticks;
pub use wheel::Timer;

/// Ticks at one instant after which a simulated loop is said to be stuck.
///
/// 100,000: a thousand times what a chain of calls through many handlers takes, and a fraction of
/// a second of a test's life.
const TICKS_AT_ONE_INSTANT_MAX: u32 = 100_000;

/// A loop and the handlers that live on it.
pub struct Reactor {
    handlers: Handlers,
    commons: Commons,
    round: Round,
}

/// What each phase of a tick has found; kept, empty, for the room in them.
#[derive(Default)]
struct Round {
    events: Vec<Readiness>,
    due: Vec<Timer>,
    calls: Vec<Call>,
    unsettled: Vec<Key>,
}

impl Reactor {
    /// A loop on the system's selector and clock.
    ///
    /// # Errors
    /// What the system says, for instance that no descriptor is left.
    pub fn new() -> io::Result<Self> {
        Self::with_settings(Settings::default())
    }

    /// A loop of other sizes.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn with_settings(settings: Settings) -> io::Result<Self> {
        let (driver, bell) = Driver::real(&settings)?;
        let mailbox = Mailbox::new(bell, settings.calls_max);
        Ok(Self::on(driver, mailbox, Pool::threaded(&settings)))
    }

    /// A loop on a network in memory and a clock that moves only when the loop waits.
    ///
    /// The same steps from the same `seed` give the same run. Blocking work is done on the loop
    /// itself. [`advance`](Self::advance) runs it.
    pub fn simulated(seed: u64) -> (Self, Simulation) {
        let net = Net::new(!seed);
        let driver = Driver::simulated(net.clone(), seed);
        let bell = Bell::Simulated(AtomicU64::new(0));
        let settings = Settings::default();
        let mailbox = Mailbox::new(bell, settings.calls_max);
        let reactor = Self::on(driver, mailbox, Pool::inline(&settings));
        let simulation = Simulation::new(net, Arc::clone(&reactor.commons.mailbox));
        (reactor, simulation)
    }

    fn on(driver: Driver, mailbox: Mailbox, pool: Pool) -> Self {
        let commons = Commons::new(driver, mailbox, pool);
        Self { handlers: Handlers::new(), commons, round: Round::default() }
    }

    /// Adds the handler that `build` makes, with its sources registered in the scope it is lent.
    ///
    /// # Errors
    /// Those of `build`; then nothing of it remains.
    pub fn add<H: Handler>(
        &mut self,
        build: impl FnOnce(&mut Scope<'_>) -> io::Result<H>,
    ) -> io::Result<Handle<H>> {
        self.commons.refresh();
        let handle = self.commons.add(build);
        self.handlers.apply_changes(&mut self.commons);
        handle
    }

    /// Does something with a handler between two ticks; `None` if it has gone.
    ///
    /// The handler is settled in the next tick, which does not wait.
    pub fn with<H: Handler, T>(
        &mut self,
        handle: &Handle<H>,
        errand: impl FnOnce(&mut H, &mut Scope<'_>) -> T,
    ) -> Option<T> {
        let Self { handlers, commons, .. } = self;
        if !Arc::ptr_eq(&handle.line.mailbox, &commons.mailbox) {
            return None;
        }
        commons.refresh();
        handlers.call(handle.line.key, commons, |handler, scope| errand(downcast(handler), scope))
    }

    /// Runs until the loop is stopped or no handler is left.
    ///
    /// # Errors
    /// What the system says about waiting; nothing a handler meets ends the loop.
    pub fn run(&mut self) -> io::Result<()> {
        while !self.is_over() {
            self.tick(None)?;
        }
        Ok(())
    }

    /// Makes one tick, which waits for `limit` at most; `false` once the loop is stopped or no
    /// handler is left, and then there was none.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn turn(&mut self, limit: Option<Duration>) -> io::Result<bool> {
        if self.is_over() {
            return Ok(false);
        }
        // What the caller did since the last tick took time too.
        self.commons.forget_tick_end();
        self.tick(limit)?;
        Ok(!self.is_over())
    }

    /// One round of everything. What a phase leads to, a later phase or the next round does.
    fn tick(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let Self { handlers, commons, round } = self;

        // Wait: for an event, the nearest deadline or the limit.
        commons.wait(limit, &mut round.events)?;
        let now = commons.nanos();

        // Ready: what happened to whose source.
        for event in round.events.drain(..) {
            let Some((owner, event)) = commons.addressed(event) else { continue };
            handlers.call(owner, commons, |handler, scope| handler.ready(event, scope));
        }

        // Expired: the timers whose time has come. Those of the gone are disarmed.
        commons.wheel.expire(now, &mut round.due);
        for timer in round.due.drain(..) {
            let Some((owner, key)) = commons.wheel.fire(timer, now) else { continue };
            let expire = |handler: &mut dyn Handler, scope: &mut Scope<'_>| {
                handler.expired(timer, key, scope);
            };
            if handlers.call(owner, commons, expire).is_none() {
                commons.wheel.cancel(timer);
            }
        }

        // Called: what other threads, and handlers among each other, have posted.
        commons.mailbox.collect(&mut round.calls);
        for Call { to, errand } in round.calls.drain(..) {
            handlers.call(to, commons, errand);
        }

        // Settle: those who were called.
        commons.roster.take_unsettled(&mut round.unsettled);
        for key in round.unsettled.drain(..) {
            handlers.call(key, commons, |handler, scope| handler.settle(scope));
            commons.roster.settled(key);
        }
        commons.roster.end_round();
        commons.end_tick();
        Ok(())
    }

    /// Runs a simulated loop until its clock has moved by `by`, exactly unless the [`Weather`] has
    /// it jump, and nothing is left to do at that instant. No time at all settles what is pending.
    ///
    /// # Errors
    /// `Deadlock` if the loop is still busy after 100,000 ticks at one instant.
    ///
    /// # Panics
    /// If the loop is not simulated: nobody moves the system's clock.
    pub fn advance(&mut self, by: Duration) -> io::Result<()> {
        let net = self.commons.driver.net().cloned();
        let net = net.expect("only a simulated loop's clock can be moved; `turn` a real one");
        let end = net.now() + by;
        net.begin_row();
        let (mut instant, mut ticks) = (net.now(), 0);
        while net.now() < end || self.has_work() {
            if !self.turn(Some(end - net.now()))? {
                net.advance_to(end);
                break;
            }
            ticks = if net.now() == instant { ticks + 1 } else { 0 };
            instant = net.now();
            if ticks == TICKS_AT_ONE_INSTANT_MAX {
                let stuck = format!("the loop is still busy after `{ticks}` ticks at one instant");
                return Err(io::Error::new(io::ErrorKind::Deadlock, stuck));
            }
        }
        Ok(())
    }

    /// Has a simulated loop hold back blocking work, or do it; a real one's is not affected.
    pub fn hold_work(&mut self, holds: bool) {
        self.commons.pool.hold_inline(holds);
    }

    /// Stops the loop: it ends its tick and makes no more.
    pub fn stop(&mut self) {
        self.commons.is_stopped = true;
    }

    /// The time, on the simulated clock if it is one.
    pub fn now(&self) -> Instant {
        self.commons.driver.now()
    }

    /// When the loop next wants a tick though no event may come; `None` if not by itself.
    ///
    /// For a loop around this one: wait for the descriptor or this time, then
    /// `turn(Some(Duration::ZERO))`. It may be early by a timer cancelled since.
    pub fn deadline(&self) -> Option<Instant> {
        self.commons.deadline()
    }

    fn is_over(&self) -> bool {
        self.commons.is_stopped || self.commons.roster.living() == 0
    }

    /// Whether a simulated loop has something to do without its clock moving.
    fn has_work(&self) -> bool {
        let is_quiet = self.commons.driver.net().is_none_or(Net::is_quiet);
        !is_quiet || self.deadline().is_some_and(|deadline| deadline <= self.now())
    }
}

impl Drop for Reactor {
    /// Closes the mailbox first, so that whoever posts from then on is told.
    fn drop(&mut self) {
        self.commons.mailbox.close();
    }
}

impl AsFd for Reactor {
    /// The selector's descriptor: readable when the loop has events.
    ///
    /// # Panics
    /// If the loop is simulated: it has none.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.commons.driver.descriptor().expect("a simulated loop has no descriptor")
    }
}

impl AsRawFd for Reactor {
    /// As [`as_fd`](AsFd::as_fd).
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}
