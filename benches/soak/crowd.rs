//! The crowd: as many guests as are wanted, of all kinds, each replaced when it goes.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crampon::reactor::{Handler, Readiness, Scope, Timer};
use slab::Slab;

use crate::guest::{Fate, Guest};
use crate::kind::{KINDS, Kind};
use crate::tally::Tally;

/// All guests, on one loop.
pub struct Crowd {
    server: SocketAddr,
    guests: Slab<Guest>,
    /// How many there are of each kind.
    here: HashMap<&'static str, usize>,
    /// How many there are to be.
    wanted: usize,
    /// How long a guest stays, more or less.
    stay: Duration,
    /// How many have come so far.
    number: u64,
    door: Timer,
    buffer: Box<[u8]>,
    pub tally: Tally,
}

impl Crowd {
    /// A crowd of nobody yet; those who come stay about so long.
    pub fn new(server: SocketAddr, stay: Duration, scope: &mut Scope<'_>) -> Self {
        Self {
            server,
            guests: Slab::new(),
            here: HashMap::new(),
            wanted: 0,
            stay,
            number: 0,
            door: scope.every(DOOR_PERIOD, DOOR),
            buffer: vec![0; BUFFER_BYTES].into(),
            tally: Tally::default(),
        }
    }

    /// Has so many come, and others for those who go.
    pub fn gather(&mut self, wanted: usize) {
        self.wanted = wanted;
    }

    /// Has everybody go, for good.
    pub fn disperse(&mut self, scope: &mut Scope<'_>) {
        self.wanted = 0;
        let keys: Vec<usize> = self.guests.iter().map(|(key, _)| key).collect();
        for key in keys {
            let fate = self.guests[key].leave(scope);
            self.settle(key, fate, scope);
        }
    }

    /// How many are there.
    pub fn len(&self) -> usize {
        self.guests.len()
    }

    /// Lets in some of those who are missing.
    fn open_door(&mut self, scope: &mut Scope<'_>) {
        for _ in 0..GUESTS_AT_ONCE.min(self.wanted.saturating_sub(self.guests.len())) {
            let kind = self.scarcest();
            if let Err(error) = self.admit(kind, scope) {
                let complaint = Fate::Wronged(format!("no connection: {error}"));
                return self.tally.gone(kind.name, complaint);
            }
        }
    }

    /// The kind of which most are missing.
    fn scarcest(&self) -> &'static Kind {
        let shares: usize = KINDS.iter().map(|kind| kind.share).sum();
        let missing = |kind: &&Kind| {
            let here = self.here.get(kind.name).copied().unwrap_or(0);
            (kind.share * self.wanted).div_ceil(shares) as i64 - here as i64
        };
        KINDS.iter().max_by_key(missing).expect("there are kinds")
    }

    fn admit(&mut self, kind: &'static Kind, scope: &mut Scope<'_>) -> io::Result<()> {
        self.number += 1;
        let part = (scope.random() % 1000) as f64 / 1000.0;
        let stay = self.stay.mul_f64(0.5 + part);
        let place = self.guests.vacant_entry();
        let guest = Guest::come(kind, self.number, self.server, stay, place.key(), scope)?;
        place.insert(guest);
        *self.here.entry(kind.name).or_default() += 1;
        self.tally.came(kind.name);
        Ok(())
    }

    /// Sees to what has become of a guest.
    fn settle(&mut self, key: usize, fate: Fate, scope: &mut Scope<'_>) {
        if matches!(fate, Fate::Stays) {
            return;
        }
        let guest = self.guests.remove(key);
        scope.release(guest.source);
        scope.cancel(guest.timer);
        *self.here.entry(guest.kind.name).or_default() -= 1;
        self.tally.gone(guest.kind.name, fate);
    }
}

impl Handler for Crowd {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        let Some(guest) = self.guests.get_mut(event.key) else { return };
        if guest.source == event.source {
            let fate = guest.ready(event, scope, &mut self.buffer);
            self.settle(event.key, fate, scope);
        }
    }

    fn expired(&mut self, timer: Timer, key: u64, scope: &mut Scope<'_>) {
        if timer == self.door {
            return self.open_door(scope);
        }
        let key = key as usize;
        let Some(guest) = self.guests.get_mut(key) else { return };
        let fate = guest.look(scope, &mut self.buffer);
        self.settle(key, fate, scope);
    }
}

/// The key of the timer by which guests are let in; theirs are their places.
const DOOR: u64 = u64::MAX;

/// How often the door opens, and for how many: a thousand a second.
const DOOR_PERIOD: Duration = Duration::from_millis(10);
const GUESTS_AT_ONCE: usize = 10;

const BUFFER_BYTES: usize = 64 * 1024;
