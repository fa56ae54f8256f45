//! A line: what one who is behind has still to hear, in order.
//!
//! First what it reads of the past, straight from the histories; then what was published while it
//! could take nothing, by reference. A seat that keeps up has no line.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use smallvec::SmallVec;

use super::hub::{Hub, Membership, Publication};
use super::ledger::Ledger;
use crate::action::{Gap, GapReason, Overflow};

/// What one seat has still to hear.
pub(crate) struct Line {
    /// To be told before anything else.
    gap: Option<Gap>,
    readings: SmallVec<[Reading; 1]>,
    queue: VecDeque<Rc<Publication>>,
    queue_bytes: usize,
    /// The offset in the queue of the newest message of each key, by the hash of the key.
    newest: HashMap<u64, u64>,
    /// Dropped from before the first of the queue, and not told yet.
    dropped_before: u64,
    /// Dropped after the last of it, and not told yet.
    dropped_after: u64,
    /// The offset of the last message that told its viewer a cursor.
    pub told_through: Option<u64>,
    /// A newcomer is told where it stands once it has read what it was to read.
    pub tells_standing: bool,
    /// Its stream ends once it has heard all of this.
    pub ends_stream: bool,
    /// Some of it has been taken: what is subscribed to now is not what its action started with.
    pub is_begun: bool,
    /// It will be looked at when the tick settles.
    pub is_listed: bool,
    ledger: Ledger,
}

/// A channel's past being read.
struct Reading {
    membership: Membership,
    /// All up to this offset is read.
    after: u64,
    /// Leaves out what is superseded.
    only_newest: bool,
    /// A newcomer who has read nothing yet misses nothing of what was said up to here, before it
    /// came; whatever else it misses it is told.
    owed_after: u64,
    /// It begins with who is there.
    begins_with_roll: bool,
    /// Up to this offset messages go without their cursors: the viewer's own is further on.
    quiet_through: u64,
}

impl Reading {
    /// All of a channel after an offset.
    fn of(membership: Membership, after: u64) -> Self {
        Self {
            membership,
            after,
            only_newest: false,
            owed_after: 0,
            begins_with_roll: false,
            quiet_through: 0,
        }
    }
}

/// What comes next.
pub(crate) enum Step {
    Gap(Gap),
    /// Who is present on the channel, where changes are missed or none is known yet.
    Here {
        channel: u32,
    },
    Say {
        publication: Rc<Publication>,
        is_quiet: bool,
    },
    CaughtUp,
}

/// What became of a message put in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Kept,
    /// So many were dropped, this one or others.
    Dropped(u64),
    /// There is no room, and the channel closes who has none.
    Full,
}

impl Line {
    /// An empty one, whose places the ledger counts.
    pub fn new(ledger: &Ledger) -> Self {
        Self {
            gap: None,
            readings: SmallVec::new(),
            queue: VecDeque::new(),
            queue_bytes: 0,
            newest: HashMap::new(),
            dropped_before: 0,
            dropped_after: 0,
            told_through: None,
            tells_standing: false,
            ends_stream: false,
            is_begun: false,
            is_listed: false,
            ledger: ledger.clone(),
        }
    }

    /// Notes that there is a gap, unless one was noted before.
    pub fn miss(&mut self, gap: Gap) {
        self.gap.get_or_insert(gap);
    }

    /// Reads a channel from after an offset on; up to `quiet_through` without cursors.
    pub fn read(&mut self, membership: Membership, after: u64, quiet_through: u64) {
        let reading = Reading::of(membership, after);
        self.readings.push(Reading { quiet_through, ..reading });
    }

    /// Reads a channel for one who came anew when `owed_after` was the last offset, from after an
    /// offset on: all, or the newest message of each key; up to `quiet_through` without cursors.
    pub fn read_anew(
        &mut self,
        membership: Membership,
        after: u64,
        only_newest: bool,
        owed_after: u64,
        quiet_through: u64,
    ) {
        let reading = Reading::of(membership, after);
        self.readings.push(Reading { only_newest, owed_after, quiet_through, ..reading });
    }

    /// Reads who is present on a channel, and from there on what changes.
    pub fn read_roll(&mut self, membership: Membership, after: u64) {
        let reading = Reading::of(membership, after);
        self.readings.push(Reading { begins_with_roll: true, ..reading });
    }

    /// Puts a message in line. `room` is what the outbox may hold beyond what waits in it.
    pub fn push(
        &mut self,
        publication: &Rc<Publication>,
        overflow: Overflow,
        has_cursors: bool,
        room: usize,
    ) -> Pushed {
        let mut dropped = 0;
        if overflow == Overflow::Latest && self.supersede(publication) {
            dropped += 1;
            self.dropped_before += u64::from(has_cursors);
        }
        while self.queue_bytes > room {
            match overflow {
                Overflow::Close => return Pushed::Full,
                Overflow::DropOldest | Overflow::Latest
                    if self.drop_oldest(publication.channel) =>
                {
                    dropped += 1;
                    self.dropped_before += u64::from(has_cursors);
                }
                // What takes the room is of other channels, and stays.
                Overflow::DropOldest | Overflow::Latest | Overflow::DropNewest => {
                    self.dropped_after += u64::from(has_cursors);
                    return Pushed::Dropped(dropped + 1);
                }
            }
        }
        if let Some(hash) = publication.key_hash {
            self.newest.insert(hash, publication.offset);
        }
        // Whoever hears this has passed what was dropped before it, and must know by then.
        self.dropped_before += std::mem::take(&mut self.dropped_after);
        self.queue_bytes += cost(publication);
        self.ledger.add(PLACE_BYTES);
        self.queue.push_back(publication.clone());
        if dropped > 0 { Pushed::Dropped(dropped) } else { Pushed::Kept }
    }

    /// Takes out what a message supersedes, if that waits.
    fn supersede(&mut self, publication: &Publication) -> bool {
        let Some(offset) = publication.key_hash.and_then(|hash| self.newest.get(&hash)) else {
            return false;
        };
        let Ok(at) = self.queue.binary_search_by_key(offset, |queued| queued.offset) else {
            return false;
        };
        let queued = &self.queue[at];
        let is_same = queued.channel == publication.channel
            && queued.message.key() == publication.message.key();
        is_same && self.take_out(at)
    }

    fn drop_oldest(&mut self, channel: u32) -> bool {
        let oldest = self.queue.iter().position(|queued| queued.channel == channel);
        oldest.is_some_and(|at| self.take_out(at))
    }

    fn take_out(&mut self, at: usize) -> bool {
        let Some(publication) = self.queue.remove(at) else { return false };
        self.queue_bytes -= cost(&publication);
        self.ledger.subtract(PLACE_BYTES);
        if let Some(hash) = publication.key_hash
            && self.newest.get(&hash) == Some(&publication.offset)
        {
            self.newest.remove(&hash);
        }
        true
    }

    /// Takes what comes next.
    pub fn next(&mut self, hub: &mut Hub) -> Step {
        self.is_begun = true;
        if let Some(gap) = self.gap.take() {
            return Step::Gap(gap);
        }
        if !self.readings.is_empty() {
            if let Some(step) = self.read_on(hub) {
                return step;
            }
            self.stop_reading(hub);
        }
        if self.dropped_before > 0 {
            return Step::Gap(Gap::dropped(std::mem::take(&mut self.dropped_before)));
        }
        if let Some(publication) = self.queue.front().cloned() {
            self.take_out(0);
            return Step::Say { publication, is_quiet: false };
        }
        match std::mem::take(&mut self.dropped_after) {
            0 => Step::CaughtUp,
            dropped => Step::Gap(Gap::dropped(dropped)),
        }
    }

    /// Reads the publication with the least offset of all that are still to be read.
    fn read_on(&mut self, hub: &Hub) -> Option<Step> {
        let mut first: Option<(usize, &Rc<Publication>)> = None;
        for (at, reading) in self.readings.iter_mut().enumerate() {
            let channel = reading.membership.channel;
            let trimmed_through = hub.trimmed_through(channel);
            let is_presence = hub.is_presence(channel);
            if reading.begins_with_roll || is_presence && reading.after < trimmed_through {
                reading.begins_with_roll = false;
                reading.after = hub.last_offset();
                return Some(Step::Here { channel });
            }
            if reading.after < trimmed_through {
                reading.after = trimmed_through;
                if trimmed_through > reading.owed_after {
                    return Some(Step::Gap(Gap::new(GapReason::Expired)));
                }
            }
            let mut next = hub.after(channel, reading.after);
            while reading.only_newest
                && let Some(publication) = next
                && !hub.is_newest_of_its_key(publication)
            {
                reading.after = publication.offset;
                next = hub.after(channel, reading.after);
            }
            if let Some(publication) = next
                && first.is_none_or(|(_, first)| publication.offset < first.offset)
            {
                first = Some((at, publication));
            }
        }
        let (at, publication) = first?;
        let reading = &mut self.readings[at];
        reading.after = publication.offset;
        if !reading.only_newest {
            reading.owed_after = 0;
        }
        let is_quiet = publication.offset <= reading.quiet_through;
        Some(Step::Say { publication: publication.clone(), is_quiet })
    }

    /// Gives up reading: what was read through is heard as it comes from now on.
    pub fn stop_reading(&mut self, hub: &mut Hub) {
        for reading in self.readings.drain(..) {
            hub.hear_from(reading.membership, hub.last_offset() + 1);
        }
    }

    /// Lets go of all that waits, because something told meanwhile includes it: of these
    /// subscriptions only what is said from now on is heard.
    pub fn clear(&mut self, held: &[Membership], hub: &mut Hub) {
        self.readings.clear();
        for membership in held {
            hub.hear_from(*membership, hub.last_offset() + 1);
        }
        self.ledger.subtract(self.queue.len() * PLACE_BYTES);
        self.queue.clear();
        self.newest.clear();
        self.queue_bytes = 0;
        self.dropped_before = 0;
        self.dropped_after = 0;
    }

    /// Lets go of what waits of one channel.
    pub fn leave(&mut self, channel: u32) {
        self.readings.retain(|reading| reading.membership.channel != channel);
        let Self { queue, queue_bytes, newest, ledger, .. } = self;
        queue.retain(|queued| {
            let stays = queued.channel != channel;
            if !stays {
                *queue_bytes -= cost(queued);
                ledger.subtract(PLACE_BYTES);
                // The hash of a key is of its channel, so nothing that stays is behind it.
                queued.key_hash.map(|hash| newest.remove(&hash));
            }
            stays
        });
    }

    /// Whether it reads the past of a channel.
    pub fn is_reading(&self, membership: Membership) -> bool {
        self.readings.iter().any(|reading| reading.membership == membership)
    }

    /// Whether it reads the past of any channel.
    pub fn is_reading_any(&self) -> bool {
        !self.readings.is_empty()
    }

    /// Whether who is present has still to be told.
    pub fn awaits_roll(&self) -> bool {
        self.readings.iter().any(|reading| reading.begins_with_roll)
    }

    /// The offset up to which all of the past has been read; `None` if all of it has.
    pub fn read_through(&self) -> Option<u64> {
        self.readings.iter().map(|reading| reading.after).min()
    }

    /// The offset up to which all has been heard, of what has been said up to another; `None` if
    /// there is a gap still to be told.
    pub fn heard_through(&self, said_through: u64, hub: &Hub) -> Option<u64> {
        let loses = |reading: &Reading| {
            let trimmed_through = hub.trimmed_through(reading.membership.channel);
            trimmed_through > reading.after.max(reading.owed_after)
        };
        let dropped = self.dropped_before + self.dropped_after;
        let awaits_roll = self.awaits_roll();
        if self.gap.is_some() || dropped > 0 || awaits_roll || self.readings.iter().any(loses) {
            return None;
        }
        let unread = self.readings.iter().filter_map(|reading| {
            hub.after(reading.membership.channel, reading.after).map(|next| next.offset)
        });
        let next = unread.chain(self.queue.front().map(|next| next.offset)).min();
        Some(next.map_or(said_through, |next| said_through.min(next - 1)))
    }

    /// Bytes that wait in its queue.
    pub fn bytes(&self) -> usize {
        self.queue_bytes
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.ledger.subtract(self.queue.len() * PLACE_BYTES);
    }
}

/// What a message counts for while it waits: what it says, and its place in line.
fn cost(publication: &Publication) -> usize {
    publication.payload_bytes() + PLACE_BYTES
}

/// Bytes of a place in line: the reference, its entry by key, and what a wire adds to what it says.
const PLACE_BYTES: usize = 32;
