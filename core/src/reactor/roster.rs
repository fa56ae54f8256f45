//! The roster: who lives on the loop, and who is to be settled or called again.
//!
//! A place is used again only once nothing of its last holder is left in the table of sources, so
//! a source names its owner by the place alone.

use std::any::TypeId;
use std::mem;
use std::sync::Arc;

use super::Key;
use super::handle::Line;
use super::mailbox::Mailbox;

/// What the loop keeps of a handler beside the handler itself.
struct Entry {
    line: Arc<Line>,
    kind: TypeId,
    generation: u32,
    /// How many sources it has registered.
    sources: u32,
    is_living: bool,
    /// It is on the list of those to settle.
    is_touched: bool,
    /// It is on the list of those to settle in the next round.
    wants_again: bool,
}

/// All handlers, by their places.
pub(super) struct Roster {
    entries: Vec<Entry>,
    free: Vec<u32>,
    living: usize,
    /// Sources whose owners have gone.
    abandoned: usize,
    touched: Vec<Key>,
    again: Vec<Key>,
}

impl Roster {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            living: 0,
            abandoned: 0,
            touched: Vec::new(),
            again: Vec::new(),
        }
    }

    /// Gives a new handler its place.
    pub(super) fn admit(&mut self, kind: TypeId, mailbox: Arc<Mailbox>) -> Key {
        let place = self.free.pop();
        let slot = place.unwrap_or_else(|| {
            u32::try_from(self.entries.len()).expect("fewer than 2^32 handlers fit in memory")
        });
        let generation =
            place.map_or(0, |slot| self.entries[slot as usize].generation.wrapping_add(1));
        let key = Key { slot, generation };
        let entry = Entry {
            line: Arc::new(Line::new(key, mailbox)),
            kind,
            generation,
            sources: 0,
            is_living: true,
            is_touched: false,
            wants_again: false,
        };
        match place {
            Some(_) => self.entries[slot as usize] = entry,
            None => self.entries.push(entry),
        }
        self.living += 1;
        key
    }

    /// Strikes a handler off; `false` if it was before.
    pub(super) fn dismiss(&mut self, key: Key) -> bool {
        let Some(entry) = self.find(key) else { return false };
        entry.is_living = false;
        entry.line.close();
        let sources = entry.sources;
        self.living -= 1;
        self.abandoned += sources as usize;
        if sources == 0 {
            self.free.push(key.slot);
        }
        true
    }

    pub(super) fn living(&self) -> usize {
        self.living
    }

    pub(super) fn is_living(&self, key: Key) -> bool {
        self.entries
            .get(key.slot as usize)
            .is_some_and(|entry| entry.is_living && entry.generation == key.generation)
    }

    /// Who lives in a place.
    pub(super) fn at(&self, slot: u32) -> Option<Key> {
        let entry = &self.entries[slot as usize];
        entry.is_living.then_some(Key { slot, generation: entry.generation })
    }

    /// The line to a handler, if its type is `kind`.
    pub(super) fn line(&self, key: Key, kind: TypeId) -> Option<Arc<Line>> {
        let entry = &self.entries[key.slot as usize];
        (entry.kind == kind).then(|| Arc::clone(&entry.line))
    }

    /// Counts a source of the holder of a place.
    pub(super) fn source_came(&mut self, slot: u32) {
        self.entries[slot as usize].sources += 1;
    }

    /// Counts a source less, and frees the place if it was the last of a holder who has gone.
    pub(super) fn source_went(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        entry.sources -= 1;
        if !entry.is_living {
            self.abandoned -= 1;
            if entry.sources == 0 {
                self.free.push(slot);
            }
        }
    }

    /// How many sources have lost their owners.
    pub(super) fn abandoned(&self) -> usize {
        self.abandoned
    }

    /// Notes that a handler is called in this round; `false` if it has gone.
    pub(super) fn touch(&mut self, key: Key) -> bool {
        let Some(entry) = self.find(key) else { return false };
        if !mem::replace(&mut entry.is_touched, true) {
            self.touched.push(key);
        }
        true
    }

    /// Notes that a handler wants to be settled in the next round too.
    pub(super) fn again(&mut self, key: Key) {
        let Some(entry) = self.find(key) else { return };
        if !mem::replace(&mut entry.wants_again, true) {
            self.again.push(key);
        }
    }

    /// Whether somebody is to be settled without waiting for anything.
    pub(super) fn is_unsettled(&self) -> bool {
        !self.touched.is_empty() || !self.again.is_empty()
    }

    /// Takes the list of those to settle, in exchange for the empty `unsettled`.
    pub(super) fn take_unsettled(&mut self, unsettled: &mut Vec<Key>) {
        mem::swap(&mut self.touched, unsettled);
    }

    /// Notes that a handler has been settled.
    pub(super) fn settled(&mut self, key: Key) {
        if let Some(entry) = self.find(key) {
            entry.is_touched = false;
        }
    }

    /// Ends a round: those who asked for another are the first to be settled in it.
    pub(super) fn end_round(&mut self) {
        let mut again = mem::take(&mut self.again);
        for key in again.drain(..) {
            if let Some(entry) = self.find(key) {
                entry.wants_again = false;
                self.touch(key);
            }
        }
        self.again = again;
    }

    fn find(&mut self, key: Key) -> Option<&mut Entry> {
        self.entries
            .get_mut(key.slot as usize)
            .filter(|entry| entry.is_living && entry.generation == key.generation)
    }
}
