//! The calendar: which connection is to be looked at, and when. Knows no connection but its key.
//!
//! Every connection has one entry at most. An entry lies in the slot of its time, in a ring of
//! slots that time goes round; one for a later round just waits there. So an entry takes sixteen
//! bytes, where a timer of the loop takes three times that; the loop has one timer for them all.

use super::moment::Moment;

/// Entries by connection, to be found by time.
pub(crate) struct Calendar {
    /// By the keys of connections.
    entries: Vec<Entry>,
    slots: Box<[Slot; SLOTS]>,
    /// A bit for each slot that has entries.
    occupied: [u64; SLOTS / 64],
    len: usize,
    /// All up to here has been taken out.
    reached: u64,
}

/// When a connection is to be looked at, and its neighbours in the list of the slot.
#[derive(Clone, Copy)]
struct Entry {
    at: Option<Moment>,
    next: u32,
    previous: u32,
}

/// One slot's list, and a time no later than the nearest in it.
#[derive(Clone, Copy)]
struct Slot {
    first: u32,
    nearest: u64,
}

const _: () = assert!(size_of::<Entry>() == 16, "every idle connection has one");

/// How long a slot is, as a power of two of nanoseconds: 67 ms.
const SLOT_SHIFT: u32 = 26;

/// Slots of the ring, which takes 69 s to go round: most entries are for less.
const SLOTS: usize = 1024;

/// No entry: the end of a list.
const NONE: u32 = u32::MAX;

const EMPTY: Slot = Slot { first: NONE, nearest: u64::MAX };

impl Calendar {
    /// An empty one that does not grow before there are more connections than that.
    pub fn with_room_for(connections: usize) -> Self {
        let entries = Vec::with_capacity(connections);
        let slots = Box::new([EMPTY; SLOTS]);
        Self { entries, slots, occupied: [0; SLOTS / 64], len: 0, reached: 0 }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The keys that have entries.
    pub fn keys(&self) -> impl Iterator<Item = usize> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(key, entry)| entry.at.map(|_| key))
    }

    /// When a connection is to be looked at.
    pub fn at(&self, key: usize) -> Option<Moment> {
        self.entries.get(key).and_then(|entry| entry.at)
    }

    /// Enters when a connection is to be looked at, in the place of what was entered before.
    pub fn enter(&mut self, key: usize, at: Moment) {
        self.strike(key);
        if self.entries.len() <= key {
            self.entries.resize(key + 1, Entry { at: None, next: NONE, previous: NONE });
        }
        // What should have been before is at once.
        let nanos = at.nanos().max(self.reached);
        let slot = slot_of(nanos);
        let next = self.slots[slot].first;
        if next != NONE {
            self.entries[next as usize].previous = key as u32;
        }
        self.entries[key] = Entry { at: Some(Moment::of_nanos(nanos)), next, previous: NONE };
        let first = u32::try_from(key).expect("fewer than 2^32 connections: each has a descriptor");
        self.slots[slot] = Slot { first, nearest: self.slots[slot].nearest.min(nanos) };
        self.occupied[slot / 64] |= 1 << (slot % 64);
        self.len += 1;
    }

    /// Strikes out the entry of a connection, if it has one.
    pub fn strike(&mut self, key: usize) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let Some(at) = entry.at.take() else { return };
        let Entry { next, previous, .. } = *entry;
        if next != NONE {
            self.entries[next as usize].previous = previous;
        }
        if previous != NONE {
            self.entries[previous as usize].next = next;
        } else {
            let slot = slot_of(at.nanos());
            self.slots[slot].first = next;
            if next == NONE {
                self.slots[slot] = EMPTY;
                self.occupied[slot / 64] &= !(1 << (slot % 64));
            }
        }
        self.len -= 1;
    }

    /// A time before which nobody is to be looked at: the nearest entry, or one struck out since.
    pub fn nearest(&self) -> Option<Moment> {
        let start = self.reached >> SLOT_SHIFT;
        let mut nearest = u64::MAX;
        for slot in self.occupied_from(start as usize % SLOTS) {
            nearest = nearest.min(self.slots[slot].nearest);
            let ahead = slot.wrapping_sub(start as usize) % SLOTS;
            if nearest >> SLOT_SHIFT <= start + ahead as u64 {
                // In those behind it there is nothing earlier.
                break;
            }
        }
        (nearest != u64::MAX).then(|| Moment::of_nanos(nearest))
    }

    /// Takes out all whose time has come, and adds them to `due`, the earliest first.
    pub fn take_due(&mut self, now: Moment, due: &mut Vec<(Moment, usize)>) {
        while let Some(nearest) = self.nearest().filter(|nearest| *nearest <= now) {
            let slot = slot_of(nearest.nanos());
            let mut left = u64::MAX;
            let mut at = self.slots[slot].first;
            while at != NONE {
                let key = at as usize;
                let Entry { at: when, next, .. } = self.entries[key];
                let when = when.expect("what is in a list has a time");
                if when <= now {
                    self.strike(key);
                    due.push((when, key));
                } else {
                    left = left.min(when.nanos());
                }
                at = next;
            }
            self.slots[slot].nearest = left;
        }
        self.reached = self.reached.max(now.nanos());
        due.sort_unstable();
    }

    /// The slots that have entries, once round from one on.
    fn occupied_from(&self, start: usize) -> impl Iterator<Item = usize> {
        let words = self.occupied.len();
        // The word of the start comes first for what is not before it, and last for what is.
        (0..=words).flat_map(move |nth| {
            let word = (start / 64 + nth) % words;
            let before_start = (1 << (start % 64)) - 1;
            let mut bits = match nth {
                0 => self.occupied[word] & !before_start,
                nth if nth == words => self.occupied[word] & before_start,
                _ => self.occupied[word],
            };
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(word * 64 + bit)
            })
        })
    }
}

fn slot_of(nanos: u64) -> usize {
    (nanos >> SLOT_SHIFT) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::of_nanos(millis * 1_000_000)
    }

    fn due(calendar: &mut Calendar, now: u64) -> Vec<usize> {
        let mut due = Vec::new();
        calendar.take_due(at(now), &mut due);
        due.into_iter().map(|(_, key)| key).collect()
    }

    #[test]
    fn those_whose_time_has_come_are_taken_out_the_earliest_first() {
        let mut calendar = Calendar::with_room_for(0);
        for (key, millis) in [(0, 50), (7, 20), (3, 51), (5, 600_000), (4, 35)] {
            calendar.enter(key, at(millis));
        }
        assert_eq!(calendar.nearest(), Some(at(20)));
        assert_eq!(due(&mut calendar, 19), [0; 0]);
        assert_eq!(due(&mut calendar, 50), [7, 4, 0]);
        assert_eq!(calendar.nearest(), Some(at(51)));
        assert_eq!(due(&mut calendar, 599_999), [3]);
        assert_eq!((due(&mut calendar, 600_000), calendar.len()), (vec![5], 0));
        assert_eq!(calendar.nearest(), None);
    }

    #[test]
    fn an_entry_takes_the_place_of_the_one_before() {
        let mut calendar = Calendar::with_room_for(0);
        calendar.enter(1, at(10));
        calendar.enter(1, at(700_000));
        assert_eq!((calendar.at(1), calendar.len()), (Some(at(700_000)), 1));
        assert_eq!(due(&mut calendar, 10), [0; 0]);
        calendar.enter(1, at(20));
        assert_eq!(due(&mut calendar, 20), [1]);
        assert_eq!((calendar.at(1), calendar.at(99)), (None, None));
    }

    #[test]
    fn what_should_have_been_before_is_at_once() {
        let mut calendar = Calendar::with_room_for(0);
        assert_eq!(due(&mut calendar, 100_000), [0; 0]);
        calendar.enter(2, at(10));
        assert_eq!(calendar.nearest(), Some(at(100_000)));
        assert_eq!(due(&mut calendar, 100_000), [2]);
    }

    proptest! {
        /// A calendar says the same as a list that is searched from end to end.
        #[test]
        fn nobody_is_forgotten_nor_called_early(
            steps in prop::collection::vec((0_usize..20, 0_u64..200_000, 0_u64..40_000, 0..4), 80)
        ) {
            let mut calendar = Calendar::with_room_for(0);
            let mut known = [None; 20];
            let mut now = 0;
            for (key, ahead, passes, what) in steps {
                match what {
                    0 => {
                        calendar.strike(key);
                        known[key] = None;
                    }
                    1 => {
                        now += passes;
                        let mut expected: Vec<_> = (0..)
                            .zip(known)
                            .filter_map(|(key, when)| Some((when.filter(|it| *it <= now)?, key)))
                            .collect();
                        expected.sort_unstable();
                        for (_, key) in &expected {
                            known[*key] = None;
                        }
                        let keys: Vec<usize> = expected.into_iter().map(|(_, key)| key).collect();
                        prop_assert_eq!(due(&mut calendar, now), keys);
                    }
                    _ => {
                        calendar.enter(key, at(now + ahead));
                        known[key] = Some(now + ahead);
                    }
                }
                let nearest = known.iter().flatten().min().map(|millis| at(*millis));
                prop_assert!(calendar.nearest().is_none() == nearest.is_none());
                prop_assert!(calendar.nearest() <= nearest);
                prop_assert_eq!(calendar.len(), known.iter().flatten().count());
                prop_assert_eq!(calendar.keys().count(), calendar.len());
            }
        }
    }
}
