//! A timer on the loop.

use std::rc::Rc;
use std::time::Duration;

use crampon::reactor::{Handler, Readiness, Scope, Timer};

use crate::counts::{Counts, raise};

/// Counts the seconds.
pub struct Uptime {
    counts: Rc<Counts>,
}

impl Uptime {
    /// Starts to count.
    pub fn new(counts: Rc<Counts>, scope: &mut Scope<'_>) -> Self {
        scope.every(Duration::from_secs(1), 0);
        Self { counts }
    }
}

impl Handler for Uptime {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}

    fn expired(&mut self, _: Timer, _: u64, _: &mut Scope<'_>) {
        raise(&self.counts.uptime);
    }
}
