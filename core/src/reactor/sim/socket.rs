//! A socket of the simulated network: an end by name, and what the weather makes of its use.

use std::fmt;
use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::net::{Shutdown, SocketAddr};
use std::time::Instant;

use rustix::io::Errno;

use super::Stream;
use super::net::{Call, Net, State};
use super::weather::{Gust, strikes, up_to};
use super::wire::Wire;
use crate::reactor::{Interest, Source};

/// An end by name: what a simulated stream, listener or far end holds.
pub(in crate::reactor) struct Socket {
    pub(super) net: Net,
    pub(super) id: usize,
}

impl Socket {
    pub(in crate::reactor) fn is_on(&self, net: &Net) -> bool {
        self.net.is(net)
    }

    /// Begins to tell of events, and of what is there already.
    pub(in crate::reactor) fn register(&self, on: Source, of: Interest) -> io::Result<()> {
        let mut state = self.net.lock();
        if state.ends[self.id].registration.is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        if let Some(errno) = state.take_fault(Call::Register) {
            return Err(errno.into());
        }
        state.ends[self.id].registration = Some((on, of));
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

    /// Ends the loop's side of the wire, in part.
    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.net.lock().spoken.insert(self.id);
        self.with_wire(|wire| wire.shutdown(how))
    }

    /// Sends something from the far end, which arrives when the weather lets it.
    pub(super) fn send(&self, change: impl FnOnce(&mut Wire, Option<Instant>)) {
        let mut state = self.net.lock();
        let State { now, weather, chance, .. } = &mut *state;
        let is_late = !weather.delay_max.is_zero();
        let at = is_late.then(|| *now + up_to(weather.delay_max, chance));
        change(state.wire(self.id), at);
        state.reach(self.id);
    }

    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.transfer(false, |wire, bytes_max| wire.read(buffer, bytes_max))
    }

    pub(super) fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.transfer(true, |wire, bytes_max| wire.write(slices, bytes_max))
    }

    /// Moves bytes over the wire, as the weather lets it.
    fn transfer(
        &self,
        is_write: bool,
        pass: impl FnOnce(&mut Wire, usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut state = self.net.lock();
        let State { now, weather, chance, .. } = &mut *state;
        let (now, gust) = (*now, weather.gust(chance, is_write));
        let wire = state.wire(self.id);
        let mut bytes_max = usize::MAX;
        match gust {
            Gust::Calm => {}
            Gust::Short(bytes) => bytes_max = bytes,
            Gust::Interrupted => return Err(ErrorKind::Interrupted.into()),
            Gust::Stall(span) => wire.stall(now + span),
            Gust::Reset => wire.reset(),
            Gust::Blocked => {
                let error = wire.pretend_to_block();
                state.reach(self.id);
                return Err(error);
            }
        }
        let passed = pass(wire, bytes_max);
        state.reach(self.id);
        if is_write {
            state.spoken.insert(self.id);
        }
        state.idling.has_moved |= passed.as_ref().is_ok_and(|bytes| *bytes > 0);
        passed
    }

    pub(super) fn accept(&self) -> io::Result<Stream> {
        let mut state = self.net.lock();
        if strikes(state.weather.interrupted, &mut state.chance) {
            return Err(ErrorKind::Interrupted.into());
        }
        if strikes(state.weather.refusals, &mut state.chance) {
            let errors =
                [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::CONNABORTED];
            let errno = errors[(state.chance.next() % errors.len() as u64) as usize];
            return Err(self.refuse(&mut state, errno));
        }
        if !state.waiting(self.id).is_empty()
            && let Some(errno) = state.take_fault(Call::Accept)
        {
            return Err(self.refuse(&mut state, errno));
        }
        let wire = state.waiting(self.id).pop_front().ok_or(ErrorKind::WouldBlock)?;
        let peer = state.wire(wire).far_address;
        state.idling.has_moved = true;
        Ok(Stream::new(self.net.socket(wire), peer))
    }

    /// An accept fails. Whoever was first in the row may be gone; else they all go on waiting.
    fn refuse(&self, state: &mut State, errno: Errno) -> io::Error {
        if [Errno::CONNABORTED, Errno::PROTO, Errno::PERM].contains(&errno) {
            let Some(wire) = state.waiting(self.id).pop_front() else {
                return ErrorKind::WouldBlock.into();
            };
            state.wire(wire).reset();
            state.close_wire(wire);
        }
        errno.into()
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
        self.send(|wire, at| {
            wire.finish(at);
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
