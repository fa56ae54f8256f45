//! How connections end: written out, lingering, or at once.

use super::Phase;
use crate::action::FinishReason;
use crate::reactor::Scope;
use crate::server::engine::Engine;

impl Engine {
    /// Ends a connection that is to end, once all is written.
    pub(crate) fn close_if_written(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        if connection.phase != Phase::Closing || !connection.outbox.is_empty() {
            return;
        }
        if !connection.lingers || connection.is_read_closed {
            return self.drop_connection(key, scope);
        }
        if connection.stream.shutdown(std::net::Shutdown::Write).is_err() {
            return self.drop_connection(key, scope);
        }
        connection.phase = Phase::Lingering;
        connection.since = self.stamp;
        connection.forget_carry();
        self.read_on(key, scope);
        self.watch(key, scope);
    }

    /// Ends a connection whose last request has its answer, though its body is still to come.
    pub(crate) fn stop_discarding(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        connection.take_body();
        connection.lingers = true;
        connection.phase = Phase::Closing;
        self.close_if_written(key, scope);
    }

    /// Forgets a connection; its stream closes as it is dropped.
    pub(crate) fn drop_connection(&mut self, key: usize, scope: &mut Scope<'_>) {
        debug_assert!(self.connections[key].seat().is_none(), "its session is ended before");
        self.forget_outbox(key);
        let connection = self.connections.remove(key);
        self.uncount(connection.excess, connection.remote.address());
        scope.release(connection.source);
        self.calendar.strike(key);
        self.accept_again(scope);
    }

    /// Ends a connection and its session without another word.
    pub(crate) fn abandon(&mut self, key: usize, reason: FinishReason, scope: &mut Scope<'_>) {
        if let Some(seat) = self.connections[key].seat()
            && !self.seats[seat].session.peek().wire.is_head_sent
        {
            self.answered(seat, UNANSWERED);
        }
        self.finish_session(key, reason, scope);
        self.drop_connection(key, scope);
    }
}

/// What the access line says of a request that was never answered, because its client left: as
/// nginx has it, and no status of HTTP's.
const UNANSWERED: u16 = 499;
