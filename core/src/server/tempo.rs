//! Tempo: how fast a WebSocket may send, and what becomes of one that sends faster.
//!
//! Held back, it is not read from until the next message may come: TCP then holds back its sender,
//! and nothing is lost.

use std::time::Duration;

use super::connection::Phase;
use super::engine::Engine;
use super::limits::{Limits, TooFast};
use super::pace::{Meter, Pace};
use crate::figures::Refused;
use crate::protocol::websocket::{Event, close_code};
use crate::reactor::Scope;

/// How fast the WebSockets of a server may send, and how fast they did.
#[derive(Debug)]
pub(crate) struct Tempo {
    pace: Option<Pace>,
    /// By connection; nothing unless there is a pace, so that it costs nobody else.
    meters: Vec<Meter>,
}

impl Tempo {
    pub fn new(limits: &Limits) -> Self {
        let burst = limits.messages_at_once_max;
        let pace = limits.messages_per_second_max.map(|rate| Pace::new(rate, burst));
        Self { pace, meters: Vec::new() }
    }

    /// A connection has become a WebSocket that has sent nothing yet.
    pub fn begin(&mut self, key: usize) {
        if self.pace.is_some() {
            self.meters.resize(self.meters.len().max(key + 1), Meter::default());
            self.meters[key] = Meter::default();
        }
    }
}

impl Engine {
    /// Holds a socket back whose next message comes before its time; `true` if that is so.
    pub(super) fn holds_back(&mut self, key: usize, scope: &mut Scope<'_>) -> bool {
        let Some(pace) = self.tempo.pace else { return false };
        let connection = &mut self.connections[key];
        connection.is_held_back = connection.phase == Phase::Websocket
            && self.limits.messages_too_fast == TooFast::HoldBack
            && !pace.wait(self.tempo.meters[key], self.now).is_zero();
        let holds_back = connection.is_held_back;
        if holds_back {
            self.surroundings.figures.refused(Refused::MessagesTooFast);
            self.watch(key, scope);
        }
        holds_back
    }

    /// Counts what a socket has sent; `false` if it is one too many and its sender is to be closed.
    pub(super) fn counts_in(&mut self, key: usize, event: &Event<'_>) -> bool {
        let Some(pace) = self.tempo.pace else { return true };
        let is_message = match event {
            Event::Text(_) | Event::Binary(_) | Event::Ping(_) => true,
            Event::Part { is_last, .. } => *is_last,
            Event::Deflated(deflated) => deflated.is_last,
            Event::Pong(_) | Event::Close(_) => false,
        };
        if !is_message || self.connections[key].phase != Phase::Websocket {
            return true;
        }
        let meter = &mut self.tempo.meters[key];
        let is_in_time = pace.wait(*meter, self.now).is_zero();
        if is_in_time {
            pace.note(meter, self.now);
        }
        is_in_time
    }

    /// Ends a socket that sends too fast.
    pub(super) fn close_too_fast(&mut self, key: usize, scope: &mut Scope<'_>) {
        let rate = self.limits.messages_per_second_max.unwrap_or_default();
        let why = format!("more than {rate} messages a second");
        self.break_off(key, close_code::POLICY, Refused::MessagesTooFast, &why, scope);
    }

    /// How long the next message of a socket has to wait.
    pub(super) fn wait_for_message(&self, key: usize) -> Duration {
        let Some(pace) = self.tempo.pace else { return Duration::ZERO };
        pace.wait(self.tempo.meters[key], self.now)
    }

    /// The next message of a socket that was held back may come.
    pub(super) fn let_on(&mut self, key: usize, scope: &mut Scope<'_>) {
        self.connections[key].is_held_back = false;
        self.read_again(key, scope);
    }
}
