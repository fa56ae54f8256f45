//! The contract of an action: each module is a line of it, each test a claim.

mod data; // 5
mod failing; // 7
mod finishing; // 6
mod guarded; // 2
mod publishing; // 8
mod routed; // 1
mod started; // 3
mod timers; // 4

use std::time::Duration;

/// Shorter to read where every line moves the clock.
const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A span of the clock finer than a second.
const fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
