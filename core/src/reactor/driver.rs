//! The driver: where waiting, the time and chance come from, real or simulated.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use super::mailbox::Bell;
use super::random::Random;
use super::register::Registrar;
use super::sim::Net;
use super::{Readiness, Settings, Source};

/// The token of the bell; no source has its generation.
const BELL: Token = Token(usize::MAX);

/// The world outside the loop.
pub(super) struct Driver {
    world: World,
    random: Random,
}

enum World {
    Real { poll: Poll, events: Events },
    Simulated(Net),
}

impl Driver {
    /// The system's selector and clock.
    pub(super) fn real(settings: &Settings) -> io::Result<(Self, Bell)> {
        let poll = Poll::new()?;
        let bell = Bell::Selector(mio::Waker::new(poll.registry(), BELL)?);
        let world = World::Real { poll, events: Events::with_capacity(settings.events_per_wait) };
        Ok((Self { world, random: Random::unseeded() }, bell))
    }

    /// A network in memory and a clock that moves only when the loop waits.
    pub(super) fn simulated(net: Net, seed: u64) -> Self {
        Self { world: World::Simulated(net), random: Random::seeded(seed) }
    }

    pub(super) fn now(&self) -> Instant {
        match &self.world {
            World::Real { .. } => Instant::now(),
            World::Simulated(net) => net.now(),
        }
    }

    /// Whether its time is the system's.
    pub(super) fn is_real(&self) -> bool {
        matches!(self.world, World::Real { .. })
    }

    pub(super) fn random(&mut self) -> u64 {
        self.random.next()
    }

    /// Waits for events, at most for `limit`, and adds them to `found`.
    ///
    /// A wait that a signal interrupts ends with nothing found.
    pub(super) fn wait(
        &mut self,
        limit: Option<Duration>,
        found: &mut Vec<Readiness>,
    ) -> io::Result<()> {
        let (poll, events) = match &mut self.world {
            World::Real { poll, events } => (poll, events),
            World::Simulated(net) => return net.wait(limit, found),
        };
        match poll.poll(events, limit) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        let news = events.iter().filter(|event| event.token() != BELL);
        found.extend(news.map(|event| Readiness {
            readable: event.is_readable(),
            writable: event.is_writable(),
            read_closed: event.is_read_closed(),
            write_closed: event.is_write_closed(),
            error: event.is_error(),
            ..Readiness::of(Source::from_token(event.token()))
        }));
        Ok(())
    }

    pub(super) fn registrar(&self) -> Registrar<'_> {
        match &self.world {
            World::Real { poll, .. } => Registrar::real(poll.registry()),
            World::Simulated(net) => Registrar::simulated(net),
        }
    }

    /// The simulated network, if this is one.
    pub(super) fn net(&self) -> Option<&Net> {
        match &self.world {
            World::Real { .. } => None,
            World::Simulated(net) => Some(net),
        }
    }

    /// The selector's descriptor, if there is a selector.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        match &self.world {
            World::Real { poll, .. } => Some(poll.registry().as_fd()),
            World::Simulated(_) => None,
        }
    }
}
