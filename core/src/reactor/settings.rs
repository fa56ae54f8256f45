//! What a loop is given: the sizes it works within, each with its unit and its reason.

/// The sizes a [`Reactor`](super::Reactor) works within: the defaults, but for what is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Events taken from the system in one wait.
    ///
    /// 1024: enough that a busy loop pays for a wait once in a thousand events, few enough that a
    /// tick stays short and its timers punctual. Events beyond it come with the next wait.
    pub events_per_wait: usize,

    /// Threads that do blocking work, started as they are needed.
    ///
    /// 4: such work waits for disks and databases rather than for a core, and a database would
    /// rather not see more connections than that from each process unasked.
    pub pool_threads: usize,

    /// Jobs that may wait for a thread.
    ///
    /// 1024: a second's worth for four threads at 4 ms a job; whoever comes after that would wait
    /// longer than a viewer does, and is better told so at once.
    pub pool_queue: usize,

    /// Calls that other threads may have [posted](super::Handle::post) and the loop has not made
    /// yet; one more is an error to who posts it.
    ///
    /// 65,536: a quarter of a second's worth for a loop that does nothing else; a thread that is
    /// ahead by more only grows the memory.
    pub calls_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { events_per_wait: 1024, pool_threads: 4, pool_queue: 1024, calls_max: 65_536 }
    }
}
