//! A round: what is delivered at one settle, and to whom.

use std::rc::Rc;

use super::{Channel, Hub, Member, Membership, Publication};

/// What is delivered at one settle.
#[derive(Default)]
pub(crate) struct Round {
    pub log: Vec<Rc<Publication>>,
    pub channels: Vec<usize>,
}

impl Hub {
    /// Takes what is to be delivered now. What is published meanwhile waits for the next round.
    pub fn begin_round(&mut self, round: &mut Round) {
        self.is_delivering = true;
        std::mem::swap(&mut self.log, &mut round.log);
        std::mem::swap(&mut self.touched, &mut round.channels);
        for key in &round.channels {
            if let Some(channel) = self.channels.get_mut(*key) {
                std::mem::swap(&mut channel.pending, &mut channel.delivering);
                let first = channel.delivering.first().map(|at| round.log[*at as usize].offset);
                channel.delivering_from = first.unwrap_or(u64::MAX);
            }
        }
    }

    /// The seat of a channel's member by index, and whether it hears all that the round says on the
    /// channel; `Some(None)` for a gap, `None` past the last.
    pub fn member(&self, channel: usize, index: usize) -> Option<Option<(usize, bool)>> {
        let Channel { members, delivering_from, .. } = self.channels.get(channel)?;
        if index >= members.capacity() {
            return None;
        }
        let hears_all = |member: &Member| member.since <= *delivering_from;
        Some(members.get(index).map(|member| (member.seat.key(), hears_all(member))))
    }

    /// Which publications of the round under way are of a channel.
    pub fn delivering(&self, channel: usize) -> &[u32] {
        self.channels.get(channel).map_or(&[], |channel| &channel.delivering)
    }

    /// Notes in `due` which publications of the round a holder of these subscriptions hears, in
    /// the order of their offsets.
    pub fn due(&self, round: &Round, held: &[Membership], due: &mut Vec<u32>) {
        due.clear();
        for membership in held {
            let channel = &self.channels[membership.channel as usize];
            let since = channel.members[membership.member as usize].since;
            let heard = channel.delivering.iter().copied();
            due.extend(heard.filter(|at| round.log[*at as usize].offset >= since));
        }
        if held.len() > 1 {
            due.sort_unstable();
        }
    }

    /// Whether a holder of these subscriptions still hears a publication that was due to it: by
    /// hearing others of the round it may have been led to unsubscribe.
    pub fn hears(&self, publication: &Publication, held: &[Membership]) -> bool {
        held.iter().any(|membership| {
            let channel = &self.channels[membership.channel as usize];
            let since = channel.members[membership.member as usize].since;
            membership.channel == publication.channel && publication.offset >= since
        })
    }

    /// Forgets what was delivered, keeping the buffers for the next round.
    pub fn end_round(&mut self, round: &mut Round) {
        self.is_delivering = false;
        for key in round.channels.drain(..) {
            if let Some(channel) = self.channels.get_mut(key) {
                channel.delivering.clear();
                self.close_if_unused(key);
            }
        }
        round.log.clear();
    }
}
