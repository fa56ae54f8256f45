//! Gauges: what a server holds at a moment, and what waits in it.

use std::time::Duration;

/// What a server holds at a moment, and what waits in it: all of it comes down to where it began
/// when those it was for have left.
///
/// ```
/// use crampon::prelude::*;
/// use crampon::trial::World;
///
/// #[action(transport = sse, subscribe = "news")]
/// struct Reader;
///
/// #[callbacks]
/// impl Reader {}
///
/// let world = World::new(Routes::new().at("/news", || Reader));
/// let at_first = world.gauges();
/// let mut reader = world.events("/news");
/// assert_eq!((world.gauges().connections, world.gauges().subscriptions), (1, 1));
/// reader.hang_up();
/// assert_eq!(world.gauges(), at_first);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gauges {
    /// Connections open, those included that say their last words.
    pub connections: usize,
    /// Sessions: actions and services that run, or have ended in this tick.
    pub sessions: usize,
    /// Subscriptions of sessions to channels.
    pub subscriptions: usize,
    /// Channels somebody is subscribed to, or that keep a history.
    pub channels: usize,
    /// Entries in the rolls of presences: one for each viewer and key.
    pub present: usize,
    /// Bytes of memory held by outboxes whose peers take nothing now.
    pub outbox_bytes: usize,
    /// Bytes that channels keep for those who come back.
    pub history_bytes: usize,
    /// Bytes held for viewers in all, as the memory budget counts them: outboxes, histories, what
    /// waits in line, channels, contexts of compression.
    pub held_bytes: usize,
    /// Timers armed on the loop, by anybody.
    pub timers: usize,
    /// Deferred work that waits for a thread of the loop's pool.
    pub jobs_waiting: usize,
    /// Deferred work that threads of the pool are doing, or are stuck in.
    pub jobs_running: usize,
    /// Calls posted to the loop from elsewhere, and not made yet.
    pub calls_waiting: usize,
}

/// How long something took, time after time, in classes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// Upper bounds of the classes, inclusive, and how many were in each.
    pub classes: Vec<(Duration, u64)>,
    /// How many were longer than every bound.
    pub longer: u64,
    /// How long they took together.
    pub total: Duration,
    /// How long the longest took.
    pub longest: Duration,
}

/// What is asked for at once: the gauges, and how long the loop's ticks were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    pub gauges: Gauges,
    pub ticks: Histogram,
}
