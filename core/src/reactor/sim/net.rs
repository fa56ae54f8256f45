//! The simulated network: wires, listeners, the events they make, and the clock.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io::{self, ErrorKind};
use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use slab::Slab;

use super::wire::Wire;
use super::{Listener, Peer, Stream};
use crate::reactor::{BACKLOG, Interest, Readiness, Source};

/// The first port given to a far end, and to a listener that asks for any.
const FREE_PORTS: u16 = 49_152;

/// A network in memory. Behind a lock, only so that a stream may go to another thread.
#[derive(Clone)]
pub(in crate::reactor) struct Net(Arc<Mutex<State>>);

struct State {
    now: Instant,
    ends: Slab<End>,
    /// The ends something has happened to since the last wait, in that order.
    changed: VecDeque<usize>,
    listening: BTreeMap<SocketAddr, usize>,
    free_port: u16,
}

/// What the loop holds: one end of a wire, or a listener.
struct End {
    kind: Kind,
    registration: Option<(Source, Interest)>,
    has_changed: bool,
}

enum Kind {
    Wire(Wire),
    /// Wires that wait to be accepted.
    Door(VecDeque<usize>),
}

impl Net {
    pub(in crate::reactor) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            now: Instant::now(),
            ends: Slab::new(),
            changed: VecDeque::new(),
            listening: BTreeMap::new(),
            free_port: FREE_PORTS,
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

    /// Whether no end has an event to tell of.
    pub(in crate::reactor) fn is_quiet(&self) -> bool {
        self.lock().changed.is_empty()
    }

    /// Adds the events there are to `found`; if there are none, the clock moves by `limit`.
    pub(in crate::reactor) fn wait(
        &self,
        limit: Option<Duration>,
        found: &mut Vec<Readiness>,
    ) -> io::Result<()> {
        let mut state = self.lock();
        let had = found.len();
        for id in mem::take(&mut state.changed) {
            found.extend(state.event(id));
        }
        if found.len() == had {
            let limit = limit.ok_or_else(|| {
                io::Error::new(ErrorKind::Deadlock, "a simulated loop would wait for ever")
            })?;
            state.now += limit;
        }
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

    fn socket(&self, id: usize) -> Socket {
        Socket { net: self.clone(), id }
    }

    /// The state; a panic under the lock comes of a wrong test and leaves it whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
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

    fn waiting(&mut self, door: usize) -> &mut VecDeque<usize> {
        match &mut self.ends[door].kind {
            Kind::Door(waiting) => waiting,
            Kind::Wire(_) => unreachable!("a listener's end is a door"),
        }
    }

    fn wire(&mut self, id: usize) -> &mut Wire {
        match &mut self.ends[id].kind {
            Kind::Wire(wire) => wire,
            Kind::Door(_) => unreachable!("a stream's end is a wire"),
        }
    }

    /// Notes that an end may have an event to tell of.
    fn note(&mut self, id: usize) {
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
    fn close_wire(&mut self, id: usize) {
        self.wire(id).close();
        self.ends[id].registration = None;
        self.forget_wire(id);
    }

    /// Forgets a wire that both ends have let go of.
    fn forget_wire(&mut self, id: usize) {
        let wire = self.wire(id);
        if wire.is_closed && wire.is_abandoned {
            self.ends.remove(id);
        }
    }
}

/// An end by name: what a simulated stream, listener or far end holds.
pub(in crate::reactor) struct Socket {
    net: Net,
    id: usize,
}

impl Socket {
    pub(in crate::reactor) fn is_on(&self, net: &Net) -> bool {
        Arc::ptr_eq(&self.net.0, &net.0)
    }

    /// Begins to tell of events, and of what is there already.
    pub(in crate::reactor) fn register(&self, on: Source, of: Interest) -> io::Result<()> {
        let mut state = self.net.lock();
        let registration = &mut state.ends[self.id].registration;
        if registration.is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        *registration = Some((on, of));
        state.note(self.id);
        Ok(())
    }

    pub(in crate::reactor) fn deregister(&self) -> io::Result<()> {
        let mut state = self.net.lock();
        let registration = state.ends[self.id].registration.take();
        registration.map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Does something to the wire and notes the event that comes of it.
    pub(super) fn with_wire<T>(&self, change: impl FnOnce(&mut Wire) -> T) -> T {
        let mut state = self.net.lock();
        let wire = state.wire(self.id);
        let value = change(wire);
        if mem::take(&mut wire.has_news) {
            state.note(self.id);
        }
        value
    }

    pub(super) fn accept(&self) -> io::Result<Stream> {
        let mut state = self.net.lock();
        let wire = state.waiting(self.id).pop_front().ok_or(ErrorKind::WouldBlock)?;
        let peer = state.wire(wire).far_address;
        Ok(Stream::new(self.net.socket(wire), peer))
    }

    /// Closes the listener at `address` and all that wait there.
    pub(super) fn close_door(&self, address: SocketAddr) {
        let mut state = self.net.lock();
        state.listening.remove(&address);
        for wire in mem::take(state.waiting(self.id)) {
            state.wire(wire).reset();
            state.close_wire(wire);
        }
        state.ends.remove(self.id);
    }

    pub(super) fn close_wire(&self) {
        self.net.lock().close_wire(self.id);
    }

    /// Lets go of the far end: it has finished, and takes no more.
    pub(super) fn abandon_wire(&self) {
        self.with_wire(|wire| {
            wire.finish();
            wire.is_abandoned = true;
        });
        self.net.lock().forget_wire(self.id);
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "simulated socket {}", self.id)
    }
}
