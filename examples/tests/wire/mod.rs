//! The other end of the wire: an example as a process, and the clients that speak to it.
#![allow(dead_code, reason = "no test speaks every language")]

pub mod events;
pub mod example;
pub mod http;
pub mod socket;

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How long anything may take before the test has failed; far more than it does take.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of the longest message or body a test takes.
const BYTES_MAX: usize = 64 << 20;

/// Lets this process open as many connections as the system allows it.
pub fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
        .expect("a process may raise its limit to its maximum");
}
