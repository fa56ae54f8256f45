//! The simulated network: wires, listeners, the events they make, and the clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, ErrorKind};
use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use slab::Slab;

use super::weather::{Weather, strikes, up_to};
use super::wire::Wire;
use super::{Listener, Peer, Socket};
use crate::reactor::random::Random;
use crate::reactor::{BACKLOG, Interest, Readiness, Source};

/// The first port given to a far end, and to a listener that asks for any.
const FREE_PORTS: u16 = 49_152;

/// A network in memory. Behind a lock, only so that a stream may go to another thread.
#[derive(Clone)]
pub(in crate::reactor) struct Net(Arc<Mutex<State>>);

pub(super) struct State {
    pub now: Instant,
    pub ends: Slab<End>,
    /// The ends something has happened to since the last wait, in that order.
    changed: VecDeque<usize>,
    pub listening: BTreeMap<SocketAddr, usize>,
    free_port: u16,
    pub weather: Weather,
    pub chance: Random,
    /// The wires that something is to happen on by itself, and when.
    later: BTreeSet<(Instant, usize)>,
    pub idling: Idling,
    /// The wires that the loop has written to, or ended, since somebody asked.
    pub spoken: BTreeSet<usize>,
    /// The next calls that fail, and how.
    pub faults: VecDeque<(Call, Errno)>,
}

/// A call of the system that a test can have fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Accept,
    Register,
}

/// Rounds at one instant that no event began and in which nothing went over a wire.
#[derive(Default)]
pub(super) struct Idling {
    rounds: u32,
    rounds_max: u32,
    pub has_moved: bool,
}

/// What the loop holds: one end of a wire, or a listener.
pub(super) struct End {
    kind: Kind,
    pub registration: Option<(Source, Interest)>,
    has_changed: bool,
}

pub(super) enum Kind {
    Wire(Wire),
    /// Wires that wait to be accepted.
    Door(VecDeque<usize>),
}

impl Net {
    pub(in crate::reactor) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            now: Instant::now(),
            ends: Slab::new(),
            changed: VecDeque::new(),
            listening: BTreeMap::new(),
            free_port: FREE_PORTS,
            weather: Weather::CALM,
            chance: Random::seeded(seed),
            later: BTreeSet::new(),
            idling: Idling::default(),
            spoken: BTreeSet::new(),
            faults: VecDeque::new(),
        })))
    }

    pub(in crate::reactor) fn now(&self) -> Instant {
        self.lock().now
    }

    /// Puts the clock forward.
    pub(in crate::reactor) fn advance_to(&self, time: Instant) {
        let mut state = self.lock();
        state.now = state.now.max(time);
    }

    pub(super) fn set_weather(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    pub(super) fn fail_next(&self, call: Call, errno: i32) {
        self.lock().faults.push_back((call, Errno::from_raw_os_error(errno)));
    }

    pub(super) fn take_spoken(&self) -> BTreeSet<usize> {
        mem::take(&mut self.lock().spoken)
    }

    /// The most rounds in a row, at one instant, that no event began and in which nothing went over
    /// a wire.
    pub(super) fn idle_rounds_max(&self) -> u32 {
        self.lock().idling.rounds_max
    }

    /// Begins a row of rounds: what came before it was for other reasons.
    pub(in crate::reactor) fn begin_row(&self) {
        self.lock().idling.rounds = 0;
    }

    /// Whether no end has an event to tell of.
    pub(in crate::reactor) fn is_quiet(&self) -> bool {
        let state = self.lock();
        state.changed.is_empty() && state.later.first().is_none_or(|(at, _)| *at > state.now)
    }

    /// Adds the events there are to `found`; if there are none, the clock moves to the next one, by
    /// `limit` at most.
    pub(in crate::reactor) fn wait(
        &self,
        limit: Option<Duration>,
        found: &mut Vec<Readiness>,
    ) -> io::Result<()> {
        let mut state = self.lock();
        let (had, began) = (found.len(), state.now);
        state.tell(found);
        if found.len() == had && state.changed.is_empty() {
            let next = state.later.first().map(|(at, _)| at.saturating_duration_since(began));
            let span = limit.into_iter().chain(next).min().ok_or_else(|| {
                io::Error::new(ErrorKind::Deadlock, "a simulated loop would wait for ever")
            })?;
            state.now += span;
            let State { weather, chance, now, .. } = &mut *state;
            if strikes(weather.jumps, chance) {
                *now += up_to(weather.jump_max, chance);
            }
            state.tell(found);
        }
        let is_idle = found.len() == had && state.now == began && state.changed.is_empty();
        state.idling.note(is_idle);
        Ok(())
    }

    pub(super) fn listen(&self, address: SocketAddr) -> io::Result<Listener> {
        let mut state = self.lock();
        let address = if address.port() == 0 { state.free_address(address) } else { address };
        if state.listening.contains_key(&address) {
            return Err(ErrorKind::AddrInUse.into());
        }
        let id = state.insert(Kind::Door(VecDeque::new()));
        state.listening.insert(address, id);
        Ok(Listener::new(self.socket(id), address))
    }

    pub(super) fn connect(
        &self,
        from: Option<SocketAddr>,
        address: SocketAddr,
    ) -> io::Result<Peer> {
        let mut state = self.lock();
        let door = *state.listening.get(&address).ok_or(ErrorKind::ConnectionRefused)?;
        if state.waiting(door).len() >= BACKLOG as usize {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        let far_address = from.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, state.next_port()).into());
        let wire = state.insert(Kind::Wire(Wire::new(far_address)));
        state.waiting(door).push_back(wire);
        state.note(door);
        Ok(Peer::new(self.socket(wire)))
    }

    pub(super) fn socket(&self, id: usize) -> Socket {
        Socket { net: self.clone(), id }
    }

    /// Whether the other is the same one.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The state; a panic under the lock comes of a wrong test and leaves it whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idling {
    /// Notes a round, begun by nothing or by something.
    fn note(&mut self, is_idle: bool) {
        let is_idle = is_idle && !mem::take(&mut self.has_moved);
        self.rounds = if is_idle { self.rounds + 1 } else { 0 };
        self.rounds_max = self.rounds_max.max(self.rounds);
    }
}

impl State {
    /// Adds the events there are by now, as the weather has it.
    fn tell(&mut self, found: &mut Vec<Readiness>) {
        while let Some((at, id)) = self.later.first().copied()
            && at <= self.now
        {
            self.later.pop_first();
            self.reach(id);
        }
        let had = found.len();
        for id in mem::take(&mut self.changed) {
            if strikes(self.weather.held_back, &mut self.chance) {
                self.changed.push_back(id);
                continue;
            }
            let Some(event) = self.event(id) else { continue };
            if strikes(self.weather.doubled, &mut self.chance) {
                found.extend(halves(event));
            } else {
                found.push(event);
            }
        }
        if strikes(self.weather.spurious, &mut self.chance) {
            found.extend(self.false_alarm());
        }
        if self.weather.is_shuffled {
            for at in (had + 1..found.len()).rev() {
                let other = had + (self.chance.next() % (at - had + 1) as u64) as usize;
                found.swap(at, other);
            }
        }
    }

    /// Tells a wire how late it is, and notes when it wants to hear it again.
    pub fn reach(&mut self, id: usize) {
        let now = self.now;
        let Some(End { kind: Kind::Wire(wire), .. }) = self.ends.get_mut(id) else { return };
        wire.reach(now);
        let has_news = mem::take(&mut wire.has_news);
        self.later.extend(wire.next_moment().map(|at| (at, id)));
        if has_news {
            self.note(id);
        }
    }

    /// An event of nothing at all.
    fn false_alarm(&mut self) -> Option<Readiness> {
        let at = (self.chance.next() % self.ends.len().max(1) as u64) as usize;
        let (source, interest) = self.ends.get(at)?.registration?;
        let (readable, writable) = (interest.is_readable(), interest.is_writable());
        Some(Readiness { readable, writable, ..Readiness::of(source) })
    }

    fn insert(&mut self, kind: Kind) -> usize {
        self.ends.insert(End { kind, registration: None, has_changed: false })
    }

    fn next_port(&mut self) -> u16 {
        let port = self.free_port;
        self.free_port = port.checked_add(1).unwrap_or(FREE_PORTS);
        port
    }

    /// The same address with a port nobody listens on.
    fn free_address(&mut self, mut address: SocketAddr) -> SocketAddr {
        while address.port() == 0 || self.listening.contains_key(&address) {
            address.set_port(self.next_port());
        }
        address
    }

    pub fn waiting(&mut self, door: usize) -> &mut VecDeque<usize> {
        match &mut self.ends[door].kind {
            Kind::Door(waiting) => waiting,
            Kind::Wire(_) => unreachable!("a listener's end is a door"),
        }
    }

    pub fn wire(&mut self, id: usize) -> &mut Wire {
        match &mut self.ends[id].kind {
            Kind::Wire(wire) => wire,
            Kind::Door(_) => unreachable!("a stream's end is a wire"),
        }
    }

    /// How the next call of a kind is to fail, if it is.
    pub fn take_fault(&mut self, call: Call) -> Option<Errno> {
        let at = self.faults.iter().position(|(failing, _)| *failing == call)?;
        self.faults.remove(at).map(|(_, errno)| errno)
    }

    /// Notes that an end may have an event to tell of.
    pub fn note(&mut self, id: usize) {
        let end = &mut self.ends[id];
        if end.registration.is_some() && !mem::replace(&mut end.has_changed, true) {
            self.changed.push_back(id);
        }
    }

    /// The event an end has to tell of by now.
    fn event(&mut self, id: usize) -> Option<Readiness> {
        let end = self.ends.get_mut(id)?;
        if !mem::take(&mut end.has_changed) {
            return None;
        }
        let (source, interest) = end.registration?;
        let event = Readiness::of(source);
        match &mut end.kind {
            Kind::Wire(wire) => wire.readiness(event, interest),
            Kind::Door(waiting) => {
                (!waiting.is_empty()).then_some(Readiness { readable: true, ..event })
            }
        }
    }

    /// Closes the loop's end of a wire.
    pub fn close_wire(&mut self, id: usize) {
        self.wire(id).close();
        self.ends[id].registration = None;
        self.spoken.insert(id);
        self.forget_wire(id);
    }

    /// Forgets a wire that both ends have let go of.
    pub fn forget_wire(&mut self, id: usize) {
        let wire = self.wire(id);
        if wire.is_closed && wire.is_abandoned {
            self.ends.remove(id);
            self.spoken.remove(&id);
        }
    }
}

/// An event as two, one for each direction; one that has only one comes twice.
fn halves(event: Readiness) -> [Readiness; 2] {
    if event.readable && event.writable {
        [Readiness { writable: false, ..event }, Readiness { readable: false, ..event }]
    } else {
        [event, event]
    }
}
