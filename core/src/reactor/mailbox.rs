//! The mailbox: calls from other threads, waiting for the loop to make them.
//!
//! The loop is woken by the first call to arrive in an empty mailbox; those after it find it awake.

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Handler, Key, PostError, Scope};

/// What a call does once it has its handler.
pub(super) type Errand = Box<dyn FnOnce(&mut dyn Handler, &mut Scope<'_>) + Send>;

/// A call to be made on the loop.
pub(super) struct Call {
    pub(super) to: Key,
    pub(super) errand: Errand,
}

/// What wakes the loop from its wait.
pub(super) enum Bell {
    /// An event of the selector.
    Selector(mio::Waker),
    /// A simulated wait never sleeps, so the rings are only counted.
    Simulated(AtomicU64),
}

impl Bell {
    fn ring(&self) {
        match self {
            // A failing write leaves the calls to the next tick; there is nobody to tell.
            Self::Selector(waker) => drop(waker.wake()),
            Self::Simulated(rings) => drop(rings.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// How often a simulated loop was woken.
    pub(super) fn rings(&self) -> u64 {
        match self {
            Self::Selector(_) => 0,
            Self::Simulated(rings) => rings.load(Ordering::Relaxed),
        }
    }
}

/// The calls that wait for one loop.
pub(super) struct Mailbox {
    /// `None` once the loop is gone.
    calls: Mutex<Option<Vec<Call>>>,
    /// Set whenever `calls` may not be empty, so that a tick looks without a lock.
    has_calls: AtomicBool,
    /// Calls that may wait; results of work may come on top, for they have places of their own.
    calls_max: usize,
    bell: Bell,
}

impl Mailbox {
    pub(super) fn new(bell: Bell, calls_max: usize) -> Self {
        let calls = Mutex::new(Some(Vec::new()));
        Self { calls, has_calls: AtomicBool::new(false), calls_max, bell }
    }

    /// Leaves a call for the loop, unless it is gone or too many wait already.
    pub(super) fn post(&self, call: Call) -> Result<(), PostError> {
        self.leave_among(call, self.calls_max)
    }

    /// Leaves a call for the loop however many wait, unless it is gone.
    pub(super) fn leave(&self, call: Call) -> Result<(), PostError> {
        self.leave_among(call, usize::MAX)
    }

    fn leave_among(&self, call: Call, calls_max: usize) -> Result<(), PostError> {
        let mut calls = self.lock();
        let waiting = match calls.as_mut() {
            Some(waiting) if waiting.len() < calls_max => waiting,
            waiting => {
                let error = waiting
                    .map_or(PostError::Gone, |waiting| PostError::Full { waiting: waiting.len() });
                // What the call holds may leave calls itself as it is dropped: not under the lock.
                drop(calls);
                drop(call);
                return Err(error);
            }
        };
        waiting.push(call);
        let is_first = waiting.len() == 1;
        if is_first {
            self.has_calls.store(true, Ordering::Release);
        }
        drop(calls);
        if is_first {
            self.bell.ring();
        }
        Ok(())
    }

    pub(super) fn has_calls(&self) -> bool {
        self.has_calls.load(Ordering::Acquire)
    }

    /// Takes all that waits, in exchange for the empty `taken`.
    pub(super) fn collect(&self, taken: &mut Vec<Call>) {
        if !self.has_calls() {
            return;
        }
        let mut calls = self.lock();
        self.has_calls.store(false, Ordering::Release);
        if let Some(waiting) = calls.as_mut() {
            mem::swap(waiting, taken);
        }
    }

    /// Takes no more calls; those that wait are dropped, after the lock, for they may leave more.
    pub(super) fn close(&self) {
        let dropped = self.lock().take();
        drop(dropped);
    }

    /// How many calls wait.
    pub(super) fn waiting(&self) -> usize {
        self.lock().as_ref().map_or(0, Vec::len)
    }

    pub(super) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// The calls; a thread that panicked while it held them left them whole.
    fn lock(&self) -> MutexGuard<'_, Option<Vec<Call>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
