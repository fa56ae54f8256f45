//! Joining a channel: where in its past a subscriber begins.

use std::borrow::Cow;
use std::time::Duration;

use super::hub::Membership;
use super::line::Line;
use crate::action::{Gap, GapReason, Overflow, Replay, Stage, Subscription};
use crate::figures::Refused;
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::seat::TimerKey;

impl Engine {
    /// Subscribes the session in `seat`.
    pub(crate) fn join(&mut self, seat: usize, wish: &Subscription, scope: &mut Scope<'_>) {
        let entry = &mut self.seats[seat];
        let joined = self.hub.subscribe(wish, seat, &mut entry.memberships, self.now);
        let Some(membership) = joined else { return };
        if entry.connection.is_some()
            && entry.memberships.len() > self.limits.channels_per_connection_max
        {
            let max = self.limits.channels_per_connection_max;
            let why = format!("more than {max} channels at once");
            return self.overdo(seat, Refused::ChannelsTooMany, &why);
        }
        if self.hub.overflow(membership.channel) == Overflow::Latest {
            self.keep_kernel_buffer_small(seat);
        }
        if self.hub.has_cursors(membership.channel) {
            self.watch_past(scope);
            if self.hub.mixes_numbers(&self.seats[seat].memberships) {
                tracing::error!(
                    channel = &*wish.name,
                    "a numbered channel and another with a history are heard by one action: their \
                     cursors cannot be told apart"
                );
            }
            self.find_place(seat, membership, wish);
            self.list(seat, scope);
        }
    }

    /// Finds where a subscriber begins to read: after its cursor, or as a newcomer.
    ///
    /// The one cursor of the request counts for what is subscribed to together as the action
    /// starts. To join a channel later is to come anew: what its viewer has heard since then would
    /// be repeated if the cursor went back. A cursor the application has kept counts in its place.
    fn find_place(&mut self, seat: usize, membership: Membership, wish: &Subscription) {
        let entry = &mut self.seats[seat];
        let is_first = entry.joined == 0;
        if is_first {
            entry.joined = self.settles;
        }
        let is_begun = entry.line.as_ref().is_none_or(|line| line.is_begun);
        let is_start = is_first || entry.joined == self.settles && !is_begun;
        let desk = entry.session.desk();
        desk.has_cursors = true;
        let mut line = entry.line.take().unwrap_or_else(|| Box::new(Line::new(self.hub.ledger())));
        let quiet_through = if is_start { 0 } else { self.hub.last_offset() };
        let cursor = match (&wish.after, &desk.request) {
            (Some(kept), _) => Some(Cow::Owned(kept.to_string())),
            (None, Some(request)) if is_start => request.cursor(desk.wire.transport),
            _ => None,
        };
        match cursor.map(Cow::into_owned) {
            Some(cursor) => {
                self.resume(seat, membership, &cursor, wish.replay, quiet_through, &mut line);
            }
            None => self.come_anew(seat, membership, wish.replay, quiet_through, &mut line),
        }
        if line.is_reading(membership) {
            self.hub.hear_from(membership, u64::MAX);
        }
        self.seats[seat].line = Some(line);
    }

    fn resume(
        &mut self,
        seat: usize,
        membership: Membership,
        cursor: &str,
        replay: Replay,
        quiet_through: u64,
        line: &mut Line,
    ) {
        match self.hub.resume(membership, cursor, self.now) {
            Ok(after) => line.read(membership, after, quiet_through),
            // Who is there makes up for what was missed of who came and went.
            Err(_) if self.hub.is_presence(membership.channel) => {
                self.come_anew(seat, membership, replay, quiet_through, line);
            }
            Err(reason) => {
                line.miss(Gap::resuming(reason, cursor));
                if reason == GapReason::Expired {
                    // What is left of the past is all news to it.
                    let after = self.hub.trimmed_through(membership.channel);
                    line.read(membership, after, quiet_through);
                } else {
                    self.come_anew(seat, membership, replay, quiet_through, line);
                }
            }
        }
    }

    fn come_anew(
        &mut self,
        seat: usize,
        membership: Membership,
        replay: Replay,
        quiet_through: u64,
        line: &mut Line,
    ) {
        line.tells_standing = true;
        if self.hub.is_presence(membership.channel) {
            return line.read_roll(membership, self.hub.last_offset());
        }
        let is_heard = self.seats[seat].session.peek().stage == Stage::Running;
        match self.hub.begin(membership, replay, self.now) {
            Some(after) => {
                let only_newest = replay == Replay::LatestPerKey;
                let owed_after = self.hub.last_offset();
                line.read_anew(membership, after, only_newest, owed_after, quiet_through);
            }
            None if is_heard => {}
            // It is not to miss what is said before it starts.
            None => line.read(membership, self.hub.last_offset(), 0),
        }
    }

    /// Ends a subscription, and lets go of what waits of it.
    pub(crate) fn part(&mut self, seat: usize, wish: &Subscription) {
        let entry = &mut self.seats[seat];
        let left = self.hub.unsubscribe(wish, &mut entry.memberships, self.now);
        if let (Some(channel), Some(line)) = (left, &mut entry.line) {
            line.leave(channel);
        }
    }

    /// Where only the newest counts, what the kernel holds is old: it is to hold little.
    fn keep_kernel_buffer_small(&self, seat: usize) {
        let Some(key) = self.seats[seat].connection() else { return };
        let stream = &self.connections[key].stream;
        if let Err(error) = stream.set_unsent_max(UNSENT_BYTES_MAX) {
            tracing::debug!("the kernel's buffer keeps its size: {error}");
        }
    }

    /// Sees to it that the past does not outstay its time.
    pub(crate) fn watch_past(&mut self, scope: &mut Scope<'_>) {
        if !std::mem::replace(&mut self.is_sweep_armed, true) {
            scope.after(SWEEP_EVERY, TimerKey::Sweep.pack());
        }
    }

    /// Lets go of what is too old, and of channels that are forgotten.
    pub(crate) fn sweep(&mut self, scope: &mut Scope<'_>) {
        self.hub.sweep(self.now);
        self.is_sweep_armed = false;
        if self.hub.has_past() {
            self.watch_past(scope);
        }
    }
}

/// Bytes the kernel may hold unsent of a stream that says what is newest (`TCP_NOTSENT_LOWAT`).
///
/// 16 KiB: some hundred prices. The default is as much as the send buffer, megabytes on a slow
/// line, which are minutes of old prices.
const UNSENT_BYTES_MAX: u32 = 16 * 1024;

/// How often the past is looked through for what is too old.
///
/// 5 s: it is also looked at whenever it is read or added to; this frees the memory of channels
/// that nobody reads.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
