//! A taker: one who takes a channel's parcel as it is, and how.

use super::parcel::{Deflating, Wrapping};
use crate::action::Stage;
use crate::protocol::websocket::Role;
use crate::protocol::websocket::deflate::Direction;
use crate::server::connection::Phase;
use crate::server::engine::Engine;
use crate::server::seat::Seat;

/// One who hears one channel alone, and all that the round says on it, and for whom nothing else
/// waits.
pub(crate) struct Taker {
    /// The key of its connection.
    pub connection: usize,
    pub wrapping: Wrapping,
    /// Its viewer is told where it stands with each message.
    pub needs_cursors: bool,
    /// Bytes its outbox may hold.
    pub outbox_bytes_max: usize,
    /// Once all is written there is no more to do, for it or because of it.
    pub is_at_rest: bool,
}

impl Engine {
    /// How a member of a channel takes its parcel; `None` if its messages have to be looked at one
    /// by one. `hears_all` if it heard the channel before the first of them was said.
    pub(crate) fn taker(&self, seat: usize, channel: usize, hears_all: bool) -> Option<Taker> {
        let Seat { session, connection, memberships, line, round, .. } = &self.seats[seat];
        let key = (*connection)?.key();
        let hears_only = matches!(&memberships[..], [only] if only.channel as usize == channel);
        let is_due = *round != self.round_count;
        if !(hears_all && hears_only && is_due && line.is_none()) {
            return None;
        }
        let (desk, connection) = (session.peek(), &self.connections[key]);
        let is_idle = desk.out.is_empty() && connection.outbox.is_empty();
        let keeps_up = connection.is_writable && desk.stage == Stage::Running;
        if !(is_idle && keeps_up) || session.hears() {
            return None;
        }
        let form = desk.wire.form()?;
        let deflate = match desk.wire.deflating(Role::Server) {
            None => None,
            Some(Direction { takes_over: true, .. }) => return None,
            Some(Direction { window_bits, .. }) => {
                Some(Deflating { window_bits, bytes_min: self.deflate_bytes_min(seat) })
            }
        };
        let declared = desk.declaration.outbox_bytes_max;
        let goes_on = matches!(connection.phase, Phase::Head | Phase::Closing);
        let owes_nothing = !connection.is_stuck && !connection.outbox.has_buffer();
        Some(Taker {
            connection: key,
            wrapping: Wrapping { form, deflate },
            needs_cursors: desk.has_cursors,
            outbox_bytes_max: declared.unwrap_or(self.limits.outbox_bytes_max),
            is_at_rest: owes_nothing && !goes_on && !desk.has_drawer(),
        })
    }
}
