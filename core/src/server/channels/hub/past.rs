//! The past of one channel: what is kept of it, and what is known to be lost.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::cursor::Cursor;
use super::publication::Publication;
use super::{Epoch, Resume};
use crate::action::{GapReason, Replay, Rules};
use crate::server::time::moment::Moment;

/// What is kept of a channel.
pub(super) struct Past {
    kept: VecDeque<Rc<Publication>>,
    /// Payload bytes of what is kept.
    bytes: usize,
    /// The last offset that is no longer kept: a cursor before it has a gap after it.
    trimmed_through: u64,
    /// The same as the publisher's number, or one before the first that is known.
    trimmed_number: u64,
    last_number: u64,
    /// The offset of the newest publication of each key.
    newest: HashMap<Box<str>, u64>,
}

impl Past {
    /// An empty one, of a channel of which all up to an offset may have been forgotten.
    pub fn new(forgotten_through: u64) -> Self {
        Self {
            kept: VecDeque::new(),
            bytes: 0,
            trimmed_through: forgotten_through,
            trimmed_number: 0,
            last_number: 0,
            newest: HashMap::new(),
        }
    }

    /// The number of the newest publication.
    pub fn last_number(&self) -> u64 {
        self.last_number
    }

    /// The number of the newest publication up to an offset.
    pub fn number_at(&self, offset: u64) -> u64 {
        let heard = self.kept.partition_point(|kept| kept.offset <= offset);
        heard.checked_sub(1).map_or(self.trimmed_number, |at| self.kept[at].number)
    }

    pub fn keep(&mut self, publication: Rc<Publication>, rules: &Rules) {
        self.bytes += publication.payload_bytes();
        if rules.is_numbered && self.last_number == 0 {
            // Rows before the first may have been published where nobody remembers it.
            self.trimmed_number = publication.number - 1;
        }
        self.last_number = publication.number;
        if let Some(key) = publication.message.key() {
            match self.newest.get_mut(key) {
                Some(newest) => *newest = publication.offset,
                None => drop(self.newest.insert(key.into(), publication.offset)),
            }
        }
        let now = publication.at;
        self.kept.push_back(publication);
        self.trim(rules, now);
    }

    /// Lets go of what the rules no longer keep.
    pub fn trim(&mut self, rules: &Rules, now: Moment) {
        while let Some(oldest) = self.kept.front() {
            let is_beyond = rules.events_max.is_some_and(|max| self.kept.len() > max)
                || rules.bytes_max.is_some_and(|max| self.bytes > max)
                || rules.age_max.is_some_and(|max| now - oldest.at > max);
            if !is_beyond {
                return;
            }
            self.forget_oldest();
        }
    }

    /// Lets go of the oldest publication kept; `false` when there is none.
    pub fn forget_oldest(&mut self) -> bool {
        let Some(oldest) = self.kept.pop_front() else { return false };
        self.bytes -= oldest.payload_bytes();
        self.trimmed_through = oldest.offset;
        self.trimmed_number = oldest.number;
        if let Some(key) = oldest.message.key()
            && self.newest.get(key) == Some(&oldest.offset)
        {
            self.newest.remove(key);
        }
        if self.kept.is_empty() && self.kept.capacity() > SPARE_PLACES {
            self.kept = VecDeque::new();
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Bytes of memory that what is kept takes.
    pub fn bytes_held(&self) -> usize {
        self.bytes + self.kept.len() * size_of::<Publication>()
    }

    /// Lets go of what is superseded: of each key the newest stays.
    ///
    /// The cursors of those who have not heard what goes stay good: it is no gap where only the
    /// newest counts, and that is still to come.
    pub fn collapse(&mut self) {
        let Self { kept, bytes, newest, .. } = self;
        kept.retain(|publication| {
            let newest = publication.message.key().and_then(|key| newest.get(key));
            let stays = newest.is_none_or(|newest| *newest == publication.offset);
            *bytes -= if stays { 0 } else { publication.payload_bytes() };
            stays
        });
    }

    /// The last offset that is no longer kept.
    pub fn trimmed_through(&self) -> u64 {
        self.trimmed_through
    }

    /// The last offset this channel is known to have had.
    pub fn last_offset(&self) -> u64 {
        self.kept.back().map_or(self.trimmed_through, |newest| newest.offset)
    }

    /// The first publication after an offset.
    pub fn after(&self, offset: u64) -> Option<&Rc<Publication>> {
        self.kept.get(self.kept.partition_point(|publication| publication.offset <= offset))
    }

    /// Whether nothing newer of the same key is kept.
    pub fn is_newest_of_its_key(&self, publication: &Publication) -> bool {
        let newest = publication.message.key().and_then(|key| self.newest.get(key));
        newest.is_none_or(|newest| *newest == publication.offset)
    }

    /// The offset after which a newcomer begins to hear; `None` for one who hears only what comes.
    pub fn begin(&self, replay: Replay) -> Option<u64> {
        match replay {
            Replay::None => None,
            Replay::All | Replay::LatestPerKey => Some(self.trimmed_through),
            Replay::Last(count) => {
                let first = self.kept.len().checked_sub(count).filter(|first| *first > 0);
                let before = first.map(|first| self.kept[first - 1].offset);
                Some(before.unwrap_or(self.trimmed_through))
            }
        }
    }

    /// The offset after which one goes on who comes back with a cursor.
    pub fn resume(&self, cursor: &str, rules: &Rules, epoch: &Epoch, last_offset: u64) -> Resume {
        match (Cursor::read(cursor), rules.is_numbered) {
            (Some(Cursor::Offset { epoch: name, offset, roll, .. }), _) if rules.is_presence => {
                let known = roll.map_or(offset, |roll| roll.max(offset));
                if !epoch.is(name) || known > last_offset {
                    Err(GapReason::Epoch)
                } else if roll == Some(0) || known < self.trimmed_through {
                    Err(GapReason::Expired)
                } else {
                    Ok(known)
                }
            }
            // A numbered channel gives such cursors as long as it knows no number.
            (Some(Cursor::Offset { epoch: name, offset, told_through, .. }), _) => {
                if !epoch.is(name) || offset.max(told_through) > last_offset {
                    Err(GapReason::Epoch)
                } else if offset.max(told_through) < self.trimmed_through {
                    Err(GapReason::Expired)
                } else {
                    Ok(offset.max(self.trimmed_through))
                }
            }
            (Some(Cursor::Number(number)), true) => {
                if number > self.last_number {
                    Err(GapReason::Epoch)
                } else if number < self.trimmed_number {
                    Err(GapReason::Expired)
                } else {
                    let heard = self.kept.partition_point(|kept| kept.number <= number);
                    let last = heard.checked_sub(1).map(|at| self.kept[at].offset);
                    Ok(last.unwrap_or(self.trimmed_through))
                }
            }
            _ => Err(GapReason::Malformed),
        }
    }
}

/// Places of an empty history that are kept for the next events.
const SPARE_PLACES: usize = 64;
