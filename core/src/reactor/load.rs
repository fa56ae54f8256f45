//! What a loop carries: how busy it was, and what waits in it.

use super::Ticks;

/// What a loop carries at this moment, all its handlers together; see
/// [`Scope::load`](super::Scope::load).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Load {
    /// Sources registered.
    pub sources: usize,
    /// Timers armed.
    pub timers: usize,
    /// Jobs that wait for a thread of the pool.
    pub jobs_waiting: usize,
    /// Jobs that threads of the pool are doing, or are stuck in.
    pub jobs_running: usize,
    /// Calls posted from other threads, or by one handler to another, and not made yet.
    pub calls_waiting: usize,
    /// How long the ticks before this one were.
    pub ticks: Ticks,
}
