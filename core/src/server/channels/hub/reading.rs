//! Reading the past of a channel, publication by publication.

use std::rc::Rc;

use super::super::line::Line;
use super::cursor::Cursor;
use super::{Channel, Hub, Membership, Publication};
use crate::action::{GapReason, Message, Replay, Rules};
use crate::server::time::moment::Moment;

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
        self.standing_told(held, offset, 0, None)
    }

    /// The same of one who is just told of the gaps there are, and `awaits_roll` if it has still to
    /// be told who is present.
    pub fn standing_in_gap(
        &self,
        held: &[Membership],
        offset: u64,
        awaits_roll: bool,
    ) -> Option<Box<str>> {
        let said = held.iter().filter(|held| !self.is_presence(held.channel));
        let trimmed = said.map(|held| self.trimmed_through(held.channel));
        self.standing_told(held, offset, trimmed.max().unwrap_or(0), awaits_roll.then_some(0))
    }

    /// The same of one who came with `cursor`, and is just told who is present.
    pub fn standing_in_roll(
        &self,
        held: &[Membership],
        offset: u64,
        cursor: Option<&str>,
    ) -> Option<Box<str>> {
        let told = match cursor.and_then(Cursor::read) {
            Some(Cursor::Offset { epoch, told_through, .. }) if self.epoch.is(epoch) => {
                told_through
            }
            _ => 0,
        };
        self.standing_told(held, offset, told, Some(self.last_offset()))
    }

    fn standing_told(
        &self,
        held: &[Membership],
        offset: u64,
        told: u64,
        roll: Option<u64>,
    ) -> Option<Box<str>> {
        let channels = || held.iter().map(|held| &self.channels[held.channel as usize]);
        if let Some(numbered) = channels().find(|channel| channel.rules().is_numbered) {
            let number = numbered.past.number_at(offset);
            if number > 0 {
                return Some(number.to_string().into());
            }
            // Before the first number only the log says where one stands, and which log it was.
        }
        let keeps = channels().any(|channel| channel.rules().keeps_history());
        keeps.then(|| self.epoch.cursor_of_poll(offset, told, roll))
    }

    /// Whether these subscriptions have cursors of more than one kind: numbers of a publisher's, of
    /// one channel alone, or offsets in the log.
    pub fn mixes_numbers(&self, held: &[Membership]) -> bool {
        let rules = || held.iter().map(|held| self.channels[held.channel as usize].rules());
        let kept = || rules().filter(Rules::keeps_history);
        kept().any(|rules| rules.is_numbered) && kept().count() > 1
    }

    /// The last offset a channel no longer keeps.
    pub fn trimmed_through(&self, channel: u32) -> u64 {
        self.channels[channel as usize].past.trimmed_through()
    }

    /// The first publication a channel keeps after an offset.
    pub fn after(&self, channel: u32, offset: u64) -> Option<&Rc<Publication>> {
        self.channels[channel as usize].past.after(offset)
    }

    /// Whether a channel tells who is present on another.
    pub fn is_presence(&self, channel: u32) -> bool {
        self.channels[channel as usize].rules().is_presence
    }

    /// Has a line begin anew with who is present on each channel of which that is told.
    pub fn read_rolls(&mut self, held: &[Membership], line: &mut Line) {
        for membership in held.iter().filter(|held| self.is_presence(held.channel)) {
            line.read_roll(*membership, self.last_offset());
        }
        for membership in held.iter().filter(|held| line.is_reading(**held)) {
            self.hear_from(*membership, u64::MAX);
        }
    }

    /// What tells a newcomer who is present: made by `list` of the channel's name, and once for
    /// all who come before that changes.
    pub fn here(
        &mut self,
        channel: u32,
        now: Moment,
        list: impl FnOnce(&str) -> Message,
    ) -> Rc<Publication> {
        let offset = self.last_offset();
        let Channel { here, name, .. } = &mut self.channels[channel as usize];
        let ledger = &self.ledger;
        let make = || Publication::new(list(name), (offset, offset), channel, now, ledger);
        here.get_or_insert_with(|| Rc::new(make())).clone()
    }

    /// Whether a channel keeps nothing newer of the same key.
    pub fn is_newest_of_its_key(&self, publication: &Publication) -> bool {
        self.channels[publication.channel as usize].past.is_newest_of_its_key(publication)
    }
}
