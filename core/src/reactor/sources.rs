//! The table of sources: which handler an event is for, and under which of its keys.
//!
//! A source is a slot and the generation that held it, and the selector's token is both in one
//! word. An event that was on its way when its source went finds another generation and is dropped.

use std::collections::BTreeMap;

use mio::Token;

const _: () = assert!(size_of::<usize>() == 8, "a token packs a slot and a generation in 64 bits");
const _: () = assert!(size_of::<Slot>() <= 12, "every idle connection has one");

/// Generations a slot goes through before it starts over: 2^30.
///
/// A stale event lives one tick at most, and two bits of the word are left for [`QUEUED`] and use.
const GENERATIONS: u32 = 1 << 30;

/// The bit of a slot's stamp that says it is on the list of those to revisit.
const QUEUED: u32 = 1 << 31;

/// The owner of a slot that holds no source.
const VACANT: u32 = u32::MAX;

/// Slots that are there from the first.
///
/// 16,384: 192 KiB, which an allocator takes straight from the system. Untouched they are
/// addresses and no memory, and as they grow they leave no holes on the heap.
const PLACES: usize = 16_384;

/// No slot: the end of the free ones.
const NONE: u32 = u32::MAX;

/// The key of a slot whose own is too long for it, and is kept apart. Most are places in a slab.
const LONG: u32 = u32::MAX;

/// A registered source of events; once deregistered it names nothing, and nothing else either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    slot: u32,
    generation: u32,
}

impl Source {
    pub(super) fn token(self) -> Token {
        Token((self.generation as usize) << 32 | self.slot as usize)
    }

    pub(super) fn from_token(Token(word): Token) -> Self {
        Self { slot: word as u32, generation: (word >> 32) as u32 }
    }
}

#[derive(Clone, Copy)]
struct Slot {
    /// The owner's key for the source, or [`LONG`]; in a vacant slot the next free one.
    key: u32,
    /// The slot of the owner.
    owner: u32,
    /// The generation, and [`QUEUED`].
    stamp: u32,
}

/// All registered sources.
pub(super) struct Sources {
    slots: Vec<Slot>,
    /// The long keys, by their slots.
    long: BTreeMap<u32, usize>,
    free: u32,
    len: usize,
}

impl Sources {
    pub(super) fn new() -> Self {
        let (slots, long) = (Vec::with_capacity(PLACES), BTreeMap::new());
        Self { slots, long, free: NONE, len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn insert(&mut self, owner: u32, key: usize) -> Source {
        if self.free == NONE {
            let slots = u32::try_from(self.slots.len()).ok().filter(|slots| *slots < NONE);
            self.free = slots.expect("fewer than 2^32 sources: each holds a descriptor");
            self.slots.push(Slot { key: NONE, owner: VACANT, stamp: 0 });
        }
        let at = self.free;
        let short = u32::try_from(key).ok().filter(|key| *key < LONG);
        if short.is_none() {
            self.long.insert(at, key);
        }
        let slot = &mut self.slots[at as usize];
        self.free = slot.key;
        *slot = Slot { key: short.unwrap_or(LONG), owner, ..*slot };
        self.len += 1;
        Source { slot: at, generation: slot.stamp }
    }

    /// The owner of a source and its key for it; `None` if the source is gone.
    pub(super) fn find(&self, source: Source) -> Option<(u32, usize)> {
        let slot = self.slots.get(source.slot as usize)?;
        let is_there = slot.stamp & !QUEUED == source.generation;
        is_there.then(|| match slot.key {
            LONG if slot.owner != VACANT => (slot.owner, self.long[&source.slot]),
            key => (slot.owner, key as usize),
        })
    }

    /// Frees the slot of a source and returns its owner.
    pub(super) fn remove(&mut self, source: Source) -> Option<u32> {
        let (owner, _) = self.find(source)?;
        self.vacate(source.slot);
        Some(owner)
    }

    /// Frees the slots of all sources of which `is_gone` says that their owner is.
    pub(super) fn sweep(&mut self, mut is_gone: impl FnMut(u32) -> bool) {
        for at in 0..self.slots.len() as u32 {
            let owner = self.slots[at as usize].owner;
            if owner != VACANT && is_gone(owner) {
                self.vacate(at);
            }
        }
    }

    /// Marks a source as listed for a revisit; `false` if it is already, or is gone.
    pub(super) fn enqueue(&mut self, source: Source) -> bool {
        let Some(slot) = self.slots.get_mut(source.slot as usize) else { return false };
        let is_new = slot.stamp == source.generation;
        if is_new {
            slot.stamp |= QUEUED;
        }
        is_new
    }

    /// Takes the mark off again; `false` if it was not there.
    pub(super) fn dequeue(&mut self, source: Source) -> bool {
        let Some(slot) = self.slots.get_mut(source.slot as usize) else { return false };
        let was_queued = slot.stamp == source.generation | QUEUED;
        if was_queued {
            slot.stamp &= !QUEUED;
        }
        was_queued
    }

    fn vacate(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        if slot.key == LONG {
            self.long.remove(&at);
        }
        let generation = (slot.stamp & !QUEUED).wrapping_add(1) % GENERATIONS;
        *slot = Slot { key: self.free, owner: VACANT, stamp: generation };
        self.free = at;
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_found_until_it_is_removed() {
        let mut sources = Sources::new();
        let source = sources.insert(3, 77);
        assert_eq!(Source::from_token(source.token()), source);
        assert_eq!(sources.find(source), Some((3, 77)));
        assert_eq!(sources.remove(source), Some(3));
        assert_eq!((sources.find(source), sources.remove(source)), (None, None));
    }

    #[test]
    fn a_slot_used_again_is_another_source() {
        let mut sources = Sources::new();
        let first = sources.insert(1, 1);
        sources.remove(first);
        let second = sources.insert(2, 2);
        assert_eq!(first.slot, second.slot);
        assert_eq!((sources.find(first), sources.find(second)), (None, Some((2, 2))));
    }

    #[test]
    fn keys_of_any_length_are_found() {
        let mut sources = Sources::new();
        let keys = [0, 1, u32::MAX as usize - 1, u32::MAX as usize, 1 << 32, usize::MAX];
        let made: Vec<Source> = keys.iter().map(|key| sources.insert(5, *key)).collect();
        for (source, key) in made.iter().zip(keys) {
            assert_eq!(sources.find(*source), Some((5, key)));
        }
        for source in &made {
            assert_eq!(sources.remove(*source), Some(5));
        }
        assert!(sources.long.is_empty(), "nothing is left of those that are gone");
        let again = sources.insert(5, 7);
        assert_eq!(sources.find(again), Some((5, 7)));
    }

    #[test]
    fn generations_start_over_without_touching_the_mark() {
        let mut sources = Sources::new();
        let source = sources.insert(1, 1);
        sources.slots[0].stamp = GENERATIONS - 1;
        let last = Source { generation: GENERATIONS - 1, ..source };
        assert!(sources.enqueue(last));
        sources.remove(last);
        assert_eq!(sources.slots[0].stamp, 0);
    }

    #[test]
    fn a_source_is_listed_once() {
        let mut sources = Sources::new();
        let source = sources.insert(1, 1);
        assert!(sources.enqueue(source) && !sources.enqueue(source));
        assert_eq!(sources.find(source), Some((1, 1)));
        assert!(sources.dequeue(source) && !sources.dequeue(source));
        sources.remove(source);
        assert!(!sources.enqueue(source));
    }

    #[test]
    fn a_sweep_frees_what_the_gone_left_behind() {
        let mut sources = Sources::new();
        let kept = sources.insert(1, 1);
        let left = sources.insert(2, 2);
        sources.sweep(|owner| owner == 2);
        assert_eq!((sources.find(kept), sources.find(left)), (Some((1, 1)), None));
        assert_eq!(sources.len(), 1);
    }
}
