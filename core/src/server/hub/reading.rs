//! Reading the past of a channel, publication by publication.

use std::rc::Rc;

use super::super::moment::Moment;
use super::{Hub, Membership, Publication};
use crate::action::{GapReason, Replay};

/// Where one who comes back goes on, or why that cannot be said.
pub(crate) type Resume = Result<u64, GapReason>;

impl Hub {
    /// The offset after which one goes on who comes back to a channel with a cursor.
    pub fn resume(&mut self, membership: Membership, cursor: &str, now: Moment) -> Resume {
        let last_offset = self.last_offset();
        let channel = &mut self.channels[membership.channel as usize];
        let rules = channel.rules();
        channel.past.trim(&rules, now);
        channel.past.resume(cursor, &rules, &self.epoch, last_offset)
    }

    /// The offset after which a newcomer begins; `None` for one who hears only what comes.
    pub fn begin(&mut self, membership: Membership, replay: Replay, now: Moment) -> Option<u64> {
        let channel = &mut self.channels[membership.channel as usize];
        let rules = channel.rules();
        channel.past.trim(&rules, now);
        channel.past.begin(replay)
    }

    /// The last offset a channel no longer keeps.
    pub fn trimmed_through(&self, channel: u32) -> u64 {
        self.channels[channel as usize].past.trimmed_through()
    }

    /// The first publication a channel keeps after an offset.
    pub fn after(&self, channel: u32, offset: u64) -> Option<&Rc<Publication>> {
        self.channels[channel as usize].past.after(offset)
    }

    /// Whether a channel keeps nothing newer of the same key.
    pub fn is_newest_of_its_key(&self, publication: &Publication) -> bool {
        self.channels[publication.channel as usize].past.is_newest_of_its_key(publication)
    }
}
