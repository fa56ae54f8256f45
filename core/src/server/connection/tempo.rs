//! Tempo: how fast a WebSocket may send, and what becomes of one that sends faster.
//!
//! Held back, it is not read from until the next message may come: TCP then holds back its sender,
//! and nothing is lost.

use std::time::Duration;

use super::Phase;
use crate::figures::Refused;
use crate::protocol::websocket::{Event, close_code};
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::limits::{Limits, TooFast};
use crate::server::time::moment::Moment;
use crate::server::time::pace::{Meter, Pace};

/// How fast the WebSockets of a server may send, and how fast they did.
#[derive(Debug)]
pub(crate) struct Tempo {
    per_second_max: Option<u32>,
    at_once_max: u32,
    /// By connection; nothing until there is one with a pace, so that it costs nobody else.
    beats: Vec<Option<Beat>>,
}

/// How fast one WebSocket may send, and how fast it did.
#[derive(Clone, Debug)]
struct Beat {
    per_second_max: u32,
    pace: Pace,
    meter: Meter,
}

impl Tempo {
    pub fn new(limits: &Limits) -> Self {
        Self {
            per_second_max: limits.messages_per_second_max,
            at_once_max: limits.messages_at_once_max,
            beats: Vec::new(),
        }
    }

    /// A connection has become a WebSocket that has sent nothing yet; `declared` is how many
    /// messages a second its action takes.
    pub fn begin(&mut self, key: usize, declared: Option<u32>) {
        let beat = declared.or(self.per_second_max).map(|per_second_max| Beat {
            per_second_max,
            pace: Pace::new(per_second_max, self.at_once_max),
            meter: Meter::default(),
        });
        if beat.is_some() && self.beats.len() <= key {
            self.beats.resize(key + 1, None);
        }
        if let Some(place) = self.beats.get_mut(key) {
            *place = beat;
        }
    }

    /// Whether it counts what a socket sends.
    #[inline]
    pub fn counts(&self, key: usize) -> bool {
        self.beats.get(key).is_some_and(Option::is_some)
    }

    /// How a socket has to send, if that is laid down.
    fn of(&mut self, key: usize) -> Option<&mut Beat> {
        self.beats.get_mut(key)?.as_mut()
    }
}

impl Beat {
    fn wait(&self, now: Moment) -> Duration {
        self.pace.wait(self.meter, now)
    }
}

impl Engine {
    /// Holds a socket back whose next message comes before its time; `true` if that is so.
    pub(crate) fn holds_back(&mut self, key: usize, scope: &mut Scope<'_>) -> bool {
        let Some(beat) = self.tempo.of(key) else { return false };
        let connection = &mut self.connections[key];
        connection.is_held_back = connection.phase == Phase::Websocket
            && self.limits.messages_too_fast == TooFast::HoldBack
            && !beat.wait(self.now).is_zero();
        let holds_back = connection.is_held_back;
        if holds_back {
            self.surroundings.figures.refused(Refused::MessagesTooFast);
            self.watch(key, scope);
        }
        holds_back
    }

    /// Counts what a socket has sent; `false` if it is one too many and its sender is to be closed.
    pub(crate) fn counts_in(&mut self, key: usize, event: &Event<'_>) -> bool {
        let Some(beat) = self.tempo.of(key) else { return true };
        let is_message = match event {
            Event::Text(_) | Event::Binary(_) | Event::Ping(_) => true,
            Event::Part { is_last, .. } => *is_last,
            Event::Deflated(deflated) => deflated.is_last,
            Event::Pong(_) | Event::Close(_) => false,
        };
        if !is_message || self.connections[key].phase != Phase::Websocket {
            return true;
        }
        let is_in_time = beat.wait(self.now).is_zero();
        if is_in_time {
            beat.pace.note(&mut beat.meter, self.now);
        }
        is_in_time
    }

    /// Ends a socket that sends too fast.
    pub(crate) fn close_too_fast(&mut self, key: usize, scope: &mut Scope<'_>) {
        let rate = self.tempo.of(key).map_or(0, |beat| beat.per_second_max);
        let why = format!("more than {rate} messages a second");
        self.break_off(key, close_code::POLICY, Refused::MessagesTooFast, &why, scope);
    }

    /// How long the next message of a socket has to wait.
    pub(crate) fn wait_for_message(&self, key: usize) -> Duration {
        let beat = self.tempo.beats.get(key).and_then(Option::as_ref);
        beat.map_or(Duration::ZERO, |beat| beat.wait(self.now))
    }

    /// The next message of a socket that was held back may come.
    pub(crate) fn let_on(&mut self, key: usize, scope: &mut Scope<'_>) {
        self.connections[key].is_held_back = false;
        self.read_again(key, scope);
    }
}
