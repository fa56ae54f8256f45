//! What has happened so far, for all on the loop to see.

use std::cell::Cell;

use serde::Serialize;

/// Figures that handlers raise and anyone on the loop's thread reads.
#[derive(Default, Serialize)]
pub struct Counts {
    /// Datagrams answered.
    pub datagrams: Cell<u64>,
    /// Commands heard.
    pub commands: Cell<u64>,
    /// Lines announced.
    pub announcements: Cell<u64>,
    /// Seconds since the start.
    pub uptime: Cell<u64>,
}

/// Raises one of them.
pub fn raise(figure: &Cell<u64>) {
    figure.set(figure.get() + 1);
}
