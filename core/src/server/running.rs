//! A running server, as the rest of the process sees it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::channels::ledger::Ledger;
use super::engine::Engine;
use super::{Error, Limits};
use crate::action::{Drain, Topic};
use crate::figures::Gauges;
use crate::reactor::{Handle, PostError, Reactor, Scope};

/// A server that runs on a loop: to publish and to stop it from any thread.
#[derive(Clone, Debug)]
pub struct Running {
    engine: Handle<Engine>,
    address: Option<SocketAddr>,
    event_bytes_max: usize,
    /// What was published and has not reached the loop.
    posted: Ledger,
    posted_bytes_max: usize,
    /// The stop was asked of a loop with no room for the call: once is enough.
    has_insisted: Arc<AtomicBool>,
}

impl Running {
    pub(super) fn new(
        engine: Handle<Engine>,
        address: Option<SocketAddr>,
        limits: &Limits,
    ) -> Self {
        Self {
            engine,
            address,
            event_bytes_max: limits.event_bytes_max,
            posted: Ledger::default(),
            posted_bytes_max: limits.posted_bytes_max,
            has_insisted: Arc::default(),
        }
    }

    /// The address it listens on; `None` on a Unix socket.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Publishes on a channel, by its name or its [`Channel`](crate::action::Channel).
    ///
    /// # Errors
    /// When the server or its loop has ended, or the event is one nobody could be told: a value
    /// that cannot be JSON, an id or a name with a line break, a comment, more bytes than
    /// [`event_bytes_max`](crate::Limits::event_bytes_max); when as many bytes as
    /// [`posted_bytes_max`](crate::Limits::posted_bytes_max) wait for the loop to take them up.
    pub fn publish<V>(&self, channel: impl Topic<V>, said: V) -> crate::Result<()> {
        let publishing = channel.say(said)?.within(self.event_bytes_max)?;
        let bytes = publishing.message.bytes().len();
        let waiting = self.posted.bytes();
        if waiting.saturating_add(bytes) > self.posted_bytes_max {
            return Err(Error::Behind { waiting, unit: "bytes" });
        }
        self.posted.add(bytes);
        let posted = self.posted.clone();
        let sent = self.engine.post(move |engine, scope| {
            posted.subtract(bytes);
            engine.publish_from_outside(publishing, scope);
        });
        if sent.is_err() {
            self.posted.subtract(bytes);
        }
        Ok(sent?)
    }

    /// Ends the server in good order: it accepts nobody, finishes answers, ends every stream its
    /// transport's way at the pace of its limits, and leaves the loop when the last connection has
    /// ended or the stop's deadline has passed. A second call changes nothing. A loop that is
    /// behind hears of it too, however many calls wait.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn drain(&self, why: Drain) -> crate::Result<()> {
        let ask = move |engine: &mut Engine, scope: &mut Scope<'_>| {
            engine.drain_from_outside(why, scope);
        };
        match self.engine.post(ask) {
            Err(PostError::Full { .. }) if self.has_insisted.swap(true, Ordering::Relaxed) => {
                Ok(())
            }
            Err(PostError::Full { .. }) => Ok(self.engine.insist(ask)?),
            posted => Ok(posted?),
        }
    }

    /// Has `then` told, on the loop's thread, what the server holds at the end of its tick.
    ///
    /// # Errors
    /// When the server or its loop has ended.
    pub fn measure(&self, then: impl FnOnce(Gauges) + Send + 'static) -> crate::Result<()> {
        Ok(self.engine.post(move |engine, scope| then(engine.gauges(scope)))?)
    }

    /// What a server holds whose loop is in the caller's hands, without waiting for a tick of it;
    /// `None` when it has ended.
    pub fn gauges(&self, reactor: &mut Reactor) -> Option<Gauges> {
        reactor.with(&self.engine, |engine, scope| engine.gauges(scope))
    }

    /// Checks a server's books, for tests; see the engine's own.
    #[doc(hidden)]
    pub fn audit(&self, reactor: &mut Reactor, bytes_per_tick: usize) -> Result<(), String> {
        let audit =
            |engine: &mut Engine, scope: &mut Scope<'_>| engine.audit(bytes_per_tick, scope);
        reactor.with(&self.engine, audit).unwrap_or(Ok(()))
    }

    /// Stops the server: [`drain`](Self::drain) for good.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn stop(&self) -> crate::Result<()> {
        self.drain(Drain::Stopping)
    }
}
