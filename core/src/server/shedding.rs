//! Shedding: over its soft limit of connections a server serves event streams as polls, over its
//! hard limit it serves nobody new.
//!
//! A stream whose events have cursors can be ended at any time: its viewer comes back by the same
//! URL and goes on where it was. So a newcomer to a crowded house is told what there is, and when
//! to come again. When the crowd is gone it stays.

use super::connection::Asked;
use super::engine::Engine;
use super::reply::Reply;
use super::seat::Seat;
use super::stop::retry_within;
use crate::action::Stage;
use crate::figures::Refused;
use crate::protocol::http::RequestHead;
use crate::reactor::Scope;
use crate::transport::Transport;

impl Engine {
    /// Whether more connections are open than are to stay.
    fn is_crowded(&self) -> bool {
        self.limits.connections_soft_max.is_some_and(|max| self.connections.len() > max)
    }

    /// Whether so many connections are open that the next is one too many.
    pub(super) fn is_full(&self) -> bool {
        self.limits.connections_max.is_some_and(|max| self.connections.len() >= max)
    }

    /// Has a stream that begins in a crowded house end once its viewer has heard what there is,
    /// if nothing is lost to it that way.
    pub(super) fn begin_as_poll(&mut self, seat: usize) {
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
    pub(super) fn shed(&mut self, seat: usize, scope: &mut Scope<'_>) {
        if self.is_crowded() && self.seats[seat].session.peek().stage == Stage::Running {
            let retry = retry_within(self.limits.shed_retry_max, scope);
            self.call(seat, scope, |session| session.shed(retry));
        }
    }

    /// Turns away a request that came on a connection too many, before anything is made for it;
    /// `false` if it is to be served, because there was room for it or is by now.
    pub(super) fn turns_away(
        &mut self,
        key: usize,
        asked: &Asked,
        head: &RequestHead,
        scope: &mut Scope<'_>,
    ) -> bool {
        let is_over = self.limits.connections_max.is_some_and(|max| self.connections.len() > max);
        let connection = &mut self.connections[key];
        connection.is_excess &= is_over;
        if connection.is_excess {
            let retry = retry_within(self.limits.shed_retry_max, scope);
            self.surroundings.figures.refused(Refused::ConnectionTooMany);
            let seconds = retry.as_millis().div_ceil(1000).max(1);
            let reply = Reply::text(503, "too many connections are open; come back later")
                .header("retry-after", &seconds.to_string());
            let shared = self.asked(head, None).shared;
            let asked = Asked { keeps_alive: false, shared, ..asked.clone() };
            self.answer_request(key, &asked, head, reply, scope);
        }
        self.connections[key].is_excess
    }
}
