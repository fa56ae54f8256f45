//! The stop: nobody new comes in, everybody is seen out the transport's way, and then it is over.

use std::time::Duration;

use super::connection::Phase;
use super::engine::{Engine, Stopping};
use super::seat::TimerKey;
use crate::action::FinishReason;
use crate::reactor::Scope;

impl Engine {
    /// SIGINT or SIGTERM: stops; a second one stops at once.
    pub(super) fn hear_signals(&mut self, scope: &mut Scope<'_>) {
        let Some(signals) = &mut self.signals else { return };
        let heard = signals.pending().count();
        for _ in 0..heard {
            if self.stopping.is_some() {
                tracing::info!("stopping at once");
                self.stop_now(scope);
            } else {
                self.stop(true, scope);
            }
        }
    }

    /// Stops accepting, ends streams, lets regular answers finish until the deadline.
    pub(super) fn stop(&mut self, stops_loop: bool, scope: &mut Scope<'_>) {
        if self.stopping.is_some() {
            return;
        }
        let open = self.connections.len();
        tracing::info!(open, "stopping");
        let deadline = scope.after(self.limits.stop_timeout, TimerKey::Stop.pack());
        self.stopping = Some(Stopping { stops_loop, deadline });
        if let Some((listener, source)) = self.listener.take() {
            drop(listener);
            scope.release(source);
        }
        // What was published before the stop is heard before the end.
        self.catch_up(scope);
        if self.hub.has_pending() {
            self.deliver(scope);
        }
        let keys: Vec<usize> = self.connections.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.see_out(key, scope);
        }
        scope.again();
    }

    /// Ends one connection as far as that can be done now.
    pub(super) fn see_out(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Some(connection) = self.connections.get(key) else { return };
        match (connection.seat, connection.phase) {
            (Some(seat), _) => {
                // Its answer, now or later, is the connection's last.
                self.seats[seat].session.desk().wire.keeps_alive = false;
                let retry = retry_within(self.limits.stop_retry_max, scope);
                self.call(seat, scope, |session| session.stop(retry));
                let Some(connection) = self.connections.get(key) else { return };
                if connection.seat.is_none() {
                    self.flush(key, scope);
                }
            }
            // A head that is not complete was promised nothing.
            (None, Phase::Head) => {
                self.connections[key].phase = Phase::Closing;
                self.flush(key, scope);
            }
            (None, Phase::Discard) => self.stop_discarding(key, scope),
            (None, _) => {}
        }
    }

    /// The deadline has passed, or nobody wants to wait: what is still open is cut.
    pub(super) fn stop_now(&mut self, scope: &mut Scope<'_>) {
        let keys: Vec<usize> = self.connections.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.abandon(key, FinishReason::ServerStopping, scope);
        }
        scope.again();
    }

    /// When the last connection has ended the services end too, and the engine goes.
    pub(super) fn go_if_done(&mut self, scope: &mut Scope<'_>) {
        if self.stopping.is_none() || !self.connections.is_empty() {
            return;
        }
        let keys: Vec<usize> = self.seats.iter().map(|(key, _)| key).collect();
        for key in keys {
            if !self.seats[key].session.peek().is_finished() {
                self.call(key, scope, |session| session.stop(Duration::ZERO));
            }
        }
        self.say_goodbyes(scope);
        self.tell_refusals_now();
        let Some(Stopping { stops_loop, deadline }) = self.stopping.take() else { return };
        scope.cancel(deadline);
        tracing::info!("stopped");
        match stops_loop {
            true => scope.stop(),
            false => scope.remove(),
        }
    }
}

/// A time to come back after, another for each client: at least a tenth of `max`.
pub(super) fn retry_within(max: Duration, scope: &mut Scope<'_>) -> Duration {
    let least = max / 10;
    let spread = (max - least).as_millis().max(1) as u64;
    least + Duration::from_millis(scope.random() % spread)
}
