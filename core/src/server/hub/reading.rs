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

    /// The cursor that says of these subscriptions that all up to `offset` has been heard; `None`
    /// where none of them keeps a past.
    pub fn standing(&self, held: &[Membership], offset: u64) -> Option<Box<str>> {
        self.standing_told(held, offset, 0)
    }

    /// The same of one who is just told of the gaps there are.
    pub fn standing_in_gap(&self, held: &[Membership], offset: u64) -> Option<Box<str>> {
        let trimmed = held.iter().map(|held| self.trimmed_through(held.channel));
        self.standing_told(held, offset, trimmed.max().unwrap_or(0))
    }

    fn standing_told(&self, held: &[Membership], offset: u64, told: u64) -> Option<Box<str>> {
        let channels = || held.iter().map(|held| &self.channels[held.channel as usize]);
        if let Some(numbered) = channels().find(|channel| channel.rules().is_numbered) {
            return Some(numbered.past.number_at(offset).to_string().into());
        }
        let keeps = channels().any(|channel| channel.rules().keeps_history());
        keeps.then(|| self.epoch.cursor_with_gaps(offset, told))
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
