//! New connections, and what to do when there can be none.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use super::accept_fault::{concerns_one, is_of_descriptors};
use super::admission::Excess;
use super::vacancy::Vacancies;
use crate::reactor::{BACKLOG, Interest, Scope, Stream, TcpOptions};
use crate::server::connection::Connection;
use crate::server::engine::Engine;
use crate::server::limits::Limits;
use crate::server::seat::TimerKey;

impl Engine {
    /// Accepts until nobody waits. Out of descriptors, those who are silent give way; if nobody
    /// is, it leaves the rest in the backlog and comes back when a connection has ended, or in a
    /// moment.
    pub(crate) fn accept(&mut self, scope: &mut Scope<'_>) {
        if self.is_accept_paused && self.stopping.is_none() {
            return;
        }
        let mut vacancies = Vacancies::default();
        for _ in 0..ACCEPTS_PER_TICK {
            let Some((listener, _)) = &self.listener else { return };
            let wait = self.admission.wait(self.now);
            // Who still waits when the server stops would be lost with the queue.
            if !wait.is_zero() && self.stopping.is_none() {
                return self.time_accept(wait, scope);
            }
            match listener.accept() {
                Ok((stream, remote)) => {
                    self.admission.note_accepted(self.now);
                    self.found_waiting += 1;
                    if let Err(error) = self.welcome(stream, remote, scope) {
                        return self.pause_accepting(&error, scope);
                    }
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return self.note_queue(),
                    // Gone again before it was taken, or a signal came: the next may be there.
                    _ if concerns_one(&error) => {}
                    _ if is_of_descriptors(&error) && self.make_room(&mut vacancies, scope) => {}
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

    /// Accepts those who waited when the server began to serve: they came before the listener was
    /// told how to treat them, so they are told one by one; and so are all for good where some
    /// have to wait still longer.
    pub(crate) fn accept_first(&mut self, scope: &mut Scope<'_>) {
        self.accept_backlog(scope);
        self.has_tcp_options = TcpOptions::ARE_INHERITED && !self.is_accept_timed;
    }

    /// Accepts all who wait in the backlog.
    pub(crate) fn accept_backlog(&mut self, scope: &mut Scope<'_>) {
        for _ in 0..(BACKLOG as usize).div_ceil(ACCEPTS_PER_TICK) {
            self.accept(scope);
        }
    }

    /// Takes somebody in, or turns them away; an error if the selector has no room for anybody,
    /// of which they are told too.
    fn welcome(
        &mut self,
        mut stream: Stream,
        remote: Option<SocketAddr>,
        scope: &mut Scope<'_>,
    ) -> io::Result<()> {
        if !self.has_tcp_options
            && let Err(error) = stream.set_tcp_options(&tcp_options(&self.limits))
        {
            tracing::debug!("a connection was gone before it was served: {error}");
            return Ok(());
        }
        let excess = self.admit(remote);
        if let Some(excess) = excess
            && !self.keep_excess()
        {
            self.turn_away_at_once(stream, excess, scope);
            return Ok(());
        }
        let entry = self.connections.vacant_entry();
        let key = entry.key();
        let interest = Interest::READABLE | Interest::WRITABLE;
        match scope.register(&mut stream, key, interest) {
            Ok(source) => {
                self.surroundings.figures.accepted.add(1);
                let connection = Connection::new(stream, source, remote.into(), self.stamp);
                entry.insert(Connection { excess, ..connection });
                self.watch(key, scope);
                Ok(())
            }
            Err(error) => {
                self.uncount(excess, remote);
                self.turn_away_at_once(stream, Excess::House, scope);
                Err(error)
            }
        }
    }

    fn pause_accepting(&mut self, error: &io::Error, scope: &mut Scope<'_>) {
        self.is_accept_paused = true;
        if self.admission.is_pause_news(self.now) {
            let open = self.connections.len();
            tracing::warn!(open, "no more connections can be accepted for now: {error}");
        }
        self.time_accept(ACCEPT_PAUSE, scope);
    }

    /// Has accepting go on in a while. One timer is enough, however often it is tried before.
    fn time_accept(&mut self, pause: Duration, scope: &mut Scope<'_>) {
        if !std::mem::replace(&mut self.is_accept_timed, true) {
            scope.after(pause, TimerKey::Accept.pack());
        }
    }

    /// The pause is over: tries again.
    pub(crate) fn accept_after_pause(&mut self, scope: &mut Scope<'_>) {
        self.is_accept_timed = false;
        self.is_accept_paused = false;
        self.accept(scope);
    }

    /// A connection has ended: if one had to wait for that, it is let in.
    pub(crate) fn accept_again(&mut self, scope: &mut Scope<'_>) {
        if std::mem::take(&mut self.is_accept_paused)
            && let Some((_, source)) = &self.listener
        {
            scope.revisit(*source);
        }
    }
}

/// How TCP is to treat a server's connections.
pub(crate) fn tcp_options(limits: &Limits) -> TcpOptions {
    TcpOptions {
        // A small message must not wait for the last one's acknowledgement.
        is_immediate: true,
        // What the system has taken for a peer is out of our sight, and no deadline of ours would
        // see that it is never acknowledged.
        user_timeout: Some(limits.write_timeout),
        keep_alive: limits.tcp_keep_alive,
    }
}

/// Connections accepted in one tick before those that are open get their turn.
const ACCEPTS_PER_TICK: usize = 256;

/// How long accepting rests when the system has no descriptor or memory for another connection.
///
/// 100 ms: long enough to cost nothing, short enough for nobody to notice.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
