//! New connections, and what to do when there can be none.

use std::io::ErrorKind;
use std::time::Duration;

use super::accept_fault::concerns_one;
use super::connection::Connection;
use super::engine::Engine;
use super::seat::TimerKey;
use crate::reactor::{Interest, Scope};

impl Engine {
    /// Accepts until nobody waits. Out of descriptors, it leaves the rest in the backlog and comes
    /// back when a connection has ended, or in a moment.
    pub(super) fn accept(&mut self, scope: &mut Scope<'_>) {
        for _ in 0..ACCEPTS_PER_TICK {
            let Some((listener, _)) = &self.listener else { return };
            match listener.accept() {
                Ok((stream, remote)) => {
                    self.found_waiting += 1;
                    self.welcome(stream, remote, scope);
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return self.note_queue(),
                    // Gone again before it was taken, or a signal came: the next may be there.
                    _ if concerns_one(&error) => {}
                    _ => return self.pause_accepting(&error, scope),
                },
            }
        }
        // No edge will come for those who wait already.
        if let Some((_, source)) = &self.listener {
            scope.revisit(*source);
        }
    }

    /// Nobody waits any more: as many did as were let in since.
    fn note_queue(&mut self) {
        let found = std::mem::take(&mut self.found_waiting);
        self.surroundings.figures.found_waiting(found);
    }

    fn welcome(
        &mut self,
        mut stream: crate::reactor::Stream,
        remote: Option<std::net::SocketAddr>,
        scope: &mut Scope<'_>,
    ) {
        // A small message must not wait for the last one's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            return tracing::debug!("a connection was gone before it was served: {error}");
        }
        let is_excess = self.is_full();
        let entry = self.connections.vacant_entry();
        let key = entry.key();
        let interest = Interest::READABLE | Interest::WRITABLE;
        match scope.register(&mut stream, key, interest) {
            Ok(source) => {
                self.surroundings.figures.accepted.add(1);
                let connection = Connection::new(stream, source, remote, self.now);
                entry.insert(Connection { is_excess, ..connection });
                self.watch(key, scope);
            }
            Err(error) => tracing::error!("a connection cannot be watched: {error}"),
        }
    }

    fn pause_accepting(&mut self, error: &std::io::Error, scope: &mut Scope<'_>) {
        let was_paused = std::mem::replace(&mut self.is_accept_paused, true);
        // One timer is enough, however often it is tried before it fires.
        if std::mem::replace(&mut self.is_accept_timed, true) {
            return;
        }
        if !was_paused {
            let open = self.connections.len();
            tracing::warn!(open, "no more connections can be accepted for now: {error}");
        }
        scope.after(ACCEPT_PAUSE, TimerKey::Accept.pack());
    }

    /// The pause is over: tries again.
    pub(super) fn accept_after_pause(&mut self, scope: &mut Scope<'_>) {
        self.is_accept_timed = false;
        self.accept(scope);
    }

    /// A connection has ended: if one had to wait for that, it is let in.
    pub(super) fn accept_again(&mut self, scope: &mut Scope<'_>) {
        if std::mem::take(&mut self.is_accept_paused)
            && let Some((_, source)) = &self.listener
        {
            scope.revisit(*source);
        }
    }
}

/// Connections accepted in one tick before those that are open get their turn.
const ACCEPTS_PER_TICK: usize = 256;

/// How long accepting rests when the system has no descriptor or memory for another connection.
///
/// 100 ms: long enough to cost nothing, short enough for nobody to notice.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
