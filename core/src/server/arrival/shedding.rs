//! Shedding: over its soft limit of connections a server serves event streams as polls.
//!
//! A stream whose events have cursors can be ended at any time: its viewer comes back by the same
//! URL and goes on where it was. So a newcomer to a crowded house is told what there is, and when
//! to come again. When the crowd is gone it stays.

use crate::action::{FinishReason, Stage};
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::seat::Seat;
use crate::server::stop::retry_within;
use crate::transport::Transport;

impl Engine {
    /// Whether more connections are open than are to stay.
    fn is_crowded(&self) -> bool {
        self.limits.connections_soft_max.is_some_and(|max| self.served_connections() > max)
    }

    /// Has a stream that begins in a crowded house end once its viewer has heard what there is,
    /// if nothing is lost to it that way.
    pub(crate) fn begin_as_poll(&mut self, seat: usize) {
        if !self.is_crowded() {
            return;
        }
        let Seat { session, memberships, line, joined, .. } = &mut self.seats[seat];
        let Some(line) = line else { return };
        let is_stream = session.peek().wire.transport == Transport::Sse;
        let is_new = *joined == self.settles;
        // Of a channel without a history it would miss what is said while it is away.
        if is_stream && is_new && memberships.iter().all(|held| self.hub.has_cursors(held.channel))
        {
            line.ends_stream = true;
            line.tells_standing = true;
        }
    }

    /// Ends a stream whose viewer has heard all there is, and tells it when to come back; in a
    /// house that is crowded no more it stays.
    pub(crate) fn shed(&mut self, seat: usize, scope: &mut Scope<'_>) {
        if self.is_crowded() && self.seats[seat].session.peek().stage == Stage::Running {
            let retry = retry_within(self.limits.shed_retry_max, scope);
            self.call(seat, scope, |session| session.shed(retry, None, FinishReason::Finished));
        }
    }
}
