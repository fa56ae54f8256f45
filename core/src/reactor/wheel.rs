//! The timer wheel: a million deadlines, each armed and cancelled in constant time.
//!
//! Eight levels of 64 slots; a slot of one level is as long as the whole level below it. A timer
//! lies at the level where its deadline first differs from the cursor, and moves down as the
//! cursor enters its slot. The slots only sort: deadlines are kept in nanoseconds and met exactly,
//! so nothing fires early and a periodic timer does not drift.
//!
//! Time is a count of nanoseconds handed in; whom a timer belongs to is the caller's load. The
//! design is "Hashed and Hierarchical Timing Wheels" (Varghese and Lauck, 1987), scheme 7.

#[cfg(test)]
mod tests;

use std::mem;
use std::num::NonZeroU64;

/// The length of a slot of the lowest level, as a power of two of nanoseconds: 0.26 ms.
///
/// Short next to the millisecond a poll can wait for, so that a batch stays small and in order.
const SLOT_SHIFT: u32 = 18;

/// Slots a level, as a power of two: 64, so that one word says which of them hold timers.
const LEVEL_SHIFT: u32 = 6;

/// Slots a level.
const SLOTS: usize = 1 << LEVEL_SHIFT;

/// Levels; with the slots' own length they cover all 64 bits of nanoseconds, 584 years.
const LEVELS: usize = (u64::BITS - SLOT_SHIFT).div_ceil(LEVEL_SHIFT) as usize;

/// The shortest period: a period of nothing would never let the loop go on.
const PERIOD_MIN: NonZeroU64 = NonZeroU64::new(1_000_000).unwrap();

/// No node: the end of a list.
const NONE: u32 = u32::MAX;

/// The bucket of a node that holds no timer.
const VACANT: u16 = u16::MAX;

/// The bucket of a timer that has come due and waits to be fired.
const DUE: u16 = u16::MAX - 1;

/// An armed timer, to cancel it by; it outlives the timer harmlessly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timer {
    node: u32,
    generation: u32,
}

/// A timer in its slot's list. The list is circular: the first node's `previous` is the last.
struct Node<T> {
    deadline: u64,
    /// `None` for a timer that fires once.
    period: Option<NonZeroU64>,
    load: T,
    next: u32,
    previous: u32,
    generation: u32,
    bucket: u16,
}

const _: () = assert!(size_of::<Node<[u64; 2]>>() <= 56, "a timer takes at most 56 bytes");
const _: () = assert!(size_of::<Timer>() == 8, "a timer is named in 8 bytes");

/// One slot's list, and a deadline no later than the nearest in it.
#[derive(Clone, Copy)]
struct Slot {
    first: u32,
    nearest: u64,
}

/// Timers by deadline, each carrying a load `T`.
pub(super) struct Wheel<T> {
    nodes: Vec<Node<T>>,
    free: u32,
    len: usize,
    slots: Box<[Slot]>,
    /// A bit for each slot that holds timers, a word a level.
    occupied: [u64; LEVELS],
    /// The slot of the lowest level that time has reached.
    cursor: u64,
    /// What one slot gives up, before it is put in order.
    batch: Vec<(u64, Timer)>,
}

impl<T: Copy> Wheel<T> {
    pub(super) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            free: NONE,
            len: 0,
            slots: vec![Slot { first: NONE, nearest: u64::MAX }; LEVELS * SLOTS].into(),
            occupied: [0; LEVELS],
            cursor: 0,
            batch: Vec::new(),
        }
    }

    /// How many timers are armed.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The loads of all that are armed, in no order; it looks at all there ever were at once.
    pub(super) fn loads(&self) -> impl Iterator<Item = T> {
        self.nodes.iter().filter(|node| node.bucket != VACANT).map(|node| node.load)
    }

    /// Arms a timer that fires once, at `deadline` or as soon as it is asked after that.
    pub(super) fn once(&mut self, deadline: u64, load: T) -> Timer {
        self.arm(deadline, None, load)
    }

    /// Arms a timer that fires at `start` plus every multiple of `period`.
    pub(super) fn every(&mut self, start: u64, period: u64, load: T) -> Timer {
        let period = NonZeroU64::new(period).map_or(PERIOD_MIN, |period| period.max(PERIOD_MIN));
        self.arm(start.saturating_add(period.get()), Some(period), load)
    }

    /// Disarms a timer; `false` if it had fired its last or was cancelled before.
    pub(super) fn cancel(&mut self, timer: Timer) -> bool {
        let Some(node) = self.find(timer) else { return false };
        if node.bucket != DUE {
            self.unlink(timer.node);
        }
        self.vacate(timer.node);
        true
    }

    /// A time before which nothing fires: the nearest deadline, or that of a timer cancelled since.
    pub(super) fn nearest(&self) -> Option<u64> {
        let (level, index) = self.first_slot()?;
        Some(self.slots[level * SLOTS + index].nearest)
    }

    /// Moves the timers whose deadline has come to the end of `due`, earliest first.
    ///
    /// They stay armed until fired, so one may cancel another of its batch.
    pub(super) fn expire(&mut self, now: u64, due: &mut Vec<Timer>) {
        let reached = now >> SLOT_SHIFT;
        while let Some((level, index)) = self.first_slot() {
            let start = self.start_of(level, index);
            if start > reached {
                break;
            }
            self.cursor = self.cursor.max(start);
            self.empty_slot(level * SLOTS + index, now, due);
            if level == 0 && start == reached {
                break;
            }
        }
        self.cursor = self.cursor.max(reached);
    }

    /// The load of a timer come due, unless it was cancelled meanwhile; a periodic one is armed
    /// for the next multiple of its period after `now`, under the same name.
    pub(super) fn fire(&mut self, timer: Timer, now: u64) -> Option<T> {
        let node = self.find(timer)?;
        let (load, deadline) = (node.load, node.deadline);
        match node.period {
            None => self.vacate(timer.node),
            Some(period) => {
                let periods = now.saturating_sub(deadline) / period + 1;
                let next = deadline.saturating_add(period.get().saturating_mul(periods));
                self.nodes[timer.node as usize].deadline = next;
                self.link(timer.node);
            }
        }
        Some(load)
    }

    fn find(&self, timer: Timer) -> Option<&Node<T>> {
        let node = self.nodes.get(timer.node as usize)?;
        (node.generation == timer.generation && node.bucket != VACANT).then_some(node)
    }

    fn arm(&mut self, deadline: u64, period: Option<NonZeroU64>, load: T) -> Timer {
        if self.free == NONE {
            let (generation, bucket, next, previous) = (0, VACANT, NONE, NONE);
            self.free =
                u32::try_from(self.nodes.len()).expect("fewer than 2^32 timers fit in memory");
            self.nodes.push(Node { deadline, period, load, next, previous, generation, bucket });
        }
        let at = self.free;
        let node = &mut self.nodes[at as usize];
        self.free = node.next;
        *node = Node { deadline, period, load, ..*node };
        let timer = Timer { node: at, generation: node.generation };
        self.len += 1;
        self.link(at);
        timer
    }

    /// Gives a node, already out of its list, back to the free ones.
    fn vacate(&mut self, at: u32) {
        let node = &mut self.nodes[at as usize];
        node.generation = node.generation.wrapping_add(1);
        node.bucket = VACANT;
        node.next = mem::replace(&mut self.free, at);
        self.len -= 1;
    }

    /// Puts a node at the end of the slot its deadline belongs to.
    fn link(&mut self, at: u32) {
        let deadline = self.nodes[at as usize].deadline;
        let tick = (deadline >> SLOT_SHIFT).max(self.cursor);
        let differing = tick ^ self.cursor;
        let level = (differing | 1).ilog2() / LEVEL_SHIFT;
        let index = (tick >> (level * LEVEL_SHIFT)) as usize % SLOTS;
        let bucket = level as usize * SLOTS + index;

        self.occupied[level as usize] |= 1 << index;
        let slot = &mut self.slots[bucket];
        slot.nearest = slot.nearest.min(deadline);
        let first = slot.first;
        let last = if first == NONE {
            slot.first = at;
            at
        } else {
            let last = mem::replace(&mut self.nodes[first as usize].previous, at);
            self.nodes[last as usize].next = at;
            last
        };
        let node = &mut self.nodes[at as usize];
        node.next = NONE;
        node.previous = last;
        node.bucket = bucket as u16;
    }

    fn unlink(&mut self, at: u32) {
        let Node { next, previous, bucket, .. } = self.nodes[at as usize];
        let slot = &mut self.slots[usize::from(bucket)];
        let is_first = slot.first == at;
        if is_first {
            slot.first = next;
        } else {
            self.nodes[previous as usize].next = next;
        }
        if next != NONE {
            self.nodes[next as usize].previous = previous;
        } else if !is_first {
            let first = slot.first;
            self.nodes[first as usize].previous = previous;
        }
        if self.slots[usize::from(bucket)].first == NONE {
            self.clear(usize::from(bucket));
        }
    }

    /// Takes a slot apart: what has come due goes to `due`, the rest to where it now belongs.
    fn empty_slot(&mut self, bucket: usize, now: u64, due: &mut Vec<Timer>) {
        let mut at = self.clear(bucket);
        let mut batch = mem::take(&mut self.batch);
        while at != NONE {
            let node = &mut self.nodes[at as usize];
            let next = node.next;
            if node.deadline <= now {
                node.bucket = DUE;
                batch.push((node.deadline, Timer { node: at, generation: node.generation }));
            } else {
                self.link(at);
            }
            at = next;
        }
        batch.sort_by_key(|&(deadline, _)| deadline);
        due.extend(batch.drain(..).map(|(_, timer)| timer));
        self.batch = batch;
    }

    /// Forgets a slot's list and returns where it began.
    fn clear(&mut self, bucket: usize) -> u32 {
        self.occupied[bucket / SLOTS] &= !(1 << (bucket % SLOTS));
        mem::replace(&mut self.slots[bucket], Slot { first: NONE, nearest: u64::MAX }).first
    }

    /// The slot that comes first: all of a level lies before all of the next.
    fn first_slot(&self) -> Option<(usize, usize)> {
        let level = self.occupied.iter().position(|&slots| slots != 0)?;
        Some((level, self.occupied[level].trailing_zeros() as usize))
    }

    /// When a slot begins, in slots of the lowest level.
    fn start_of(&self, level: usize, index: usize) -> u64 {
        let shift = level as u32 * LEVEL_SHIFT;
        let level_start = self.cursor >> (shift + LEVEL_SHIFT) << (shift + LEVEL_SHIFT);
        level_start | (index as u64) << shift
    }
}
