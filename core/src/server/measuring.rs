//! Measuring: what the engine and its loop hold at this moment, gathered when it is asked for.
//!
//! It takes as long as there are channels with a past and readers that are stuck, and no longer
//! with every connection.

use super::engine::Engine;
use crate::figures::{Gauges, Histogram, Measured};
use crate::reactor::{Scope, Ticks};

impl Engine {
    /// What is held, and what waits.
    pub(crate) fn gauges(&self, scope: &Scope<'_>) -> Gauges {
        self.measure(scope).gauges
    }

    /// The gauges, and how long the loop's ticks were.
    fn measure(&self, scope: &Scope<'_>) -> Measured {
        let load = scope.load();
        let gauges = Gauges {
            connections: self.connections.len(),
            sessions: self.seats.len(),
            subscriptions: self.hub.subscriptions(),
            channels: self.hub.channels(),
            present: self.surroundings.roll.borrow().len(),
            outbox_bytes: self.budget.outbox_bytes(),
            history_bytes: self.hub.history_bytes(),
            held_bytes: self.hub.ledger().bytes(),
            // Deadlines count each, though one timer of the loop serves them all.
            timers: load.timers - usize::from(self.alarm.is_some()) + self.calendar.len(),
            jobs_waiting: load.jobs_waiting,
            jobs_running: load.jobs_running,
            calls_waiting: load.calls_waiting,
        };
        Measured { gauges, ticks: histogram(&load.ticks) }
    }

    /// Tells those sessions what they hold together that have asked.
    pub(super) fn tell_measures(&mut self, scope: &mut Scope<'_>) {
        if self.measuring.is_empty() {
            return;
        }
        let measured = self.measure(scope);
        for (seat, generation, reply) in std::mem::take(&mut self.measuring) {
            self.reply(seat, generation, reply, Ok(Box::new(measured.clone())), scope);
        }
    }
}

fn histogram(ticks: &Ticks) -> Histogram {
    let (longer, counts) = ticks.counts().split_last().expect("one class has no bound");
    Histogram {
        classes: Ticks::BOUNDS.into_iter().zip(counts.iter().copied()).collect(),
        longer: *longer,
        total: ticks.total(),
        longest: ticks.longest(),
    }
}
