//! A simulation: a network in memory and a clock that moves when nobody has anything to do.
//!
//! The loop and its handlers are the real ones. Events are edges, as the system's selector makes
//! them: one comes when bytes, an end or a reset arrive, and when room opens after a write that
//! would have blocked. The same steps give the same run.

mod net;
mod peer;
mod socket;
mod stream;
mod weather;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::mailbox::Mailbox;

use net::Call;
pub(super) use net::Net;
pub use peer::Peer;
pub(super) use socket::Socket;
pub use stream::{Listener, Stream};
pub use weather::Weather;

/// The network and the clock of a simulated loop, in the hands of whoever runs it.
#[derive(Clone)]
pub struct Simulation {
    net: Net,
    mailbox: Arc<Mailbox>,
}

impl Simulation {
    pub(super) fn new(net: Net, mailbox: Arc<Mailbox>) -> Self {
        Self { net, mailbox }
    }

    /// Listens on an address of the simulated network; port 0 is a free one.
    ///
    /// # Errors
    /// `AddrInUse` if another listener has the address.
    pub fn listen(&self, address: SocketAddr) -> io::Result<super::Listener> {
        self.net.listen(address).map(super::Listener::Sim)
    }

    /// Connects to a listener and returns the far end of the wire.
    ///
    /// # Errors
    /// `ConnectionRefused` if nobody listens there, or as many wait there as may.
    pub fn connect(&self, address: SocketAddr) -> io::Result<Peer> {
        self.net.connect(None, address)
    }

    /// Connects to a listener from an address of one's own; else it is a port of `127.0.0.1`.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect).
    pub fn connect_from(&self, from: SocketAddr, address: SocketAddr) -> io::Result<Peer> {
        self.net.connect(Some(from), address)
    }

    /// The time on the simulated clock.
    pub fn now(&self) -> Instant {
        self.net.now()
    }

    /// Lets time pass without the loop, as when a callback holds it or the system does.
    pub fn stall(&self, by: Duration) {
        self.net.advance_to(self.net.now() + by);
    }

    /// Has the network be like this from now on; without a call it is [`Weather::CALM`]. What comes
    /// of it follows from the loop's seed.
    pub fn set_weather(&self, weather: Weather) {
        self.net.set_weather(weather);
    }

    /// The peers to whom the loop has said something, or that it is done, since this was asked
    /// last, by their ids.
    pub(crate) fn take_spoken(&self) -> impl Iterator<Item = usize> {
        self.net.take_spoken().into_iter()
    }

    /// Has the next accept that finds somebody waiting fail with this error of the system's; called
    /// again, the one after it too.
    ///
    /// An error that befell who was first in the row takes it out of the row, as on Linux:
    /// `ECONNABORTED`, `EPROTO`, `EPERM`. With any other it goes on waiting.
    pub fn fail_accept(&self, errno: i32) {
        self.net.fail_next(Call::Accept, errno);
    }

    /// Has the next registration on the network fail with this error of the system's; called
    /// again, the one after it too.
    pub fn fail_registration(&self, errno: i32) {
        self.net.fail_next(Call::Register, errno);
    }

    /// The most ticks in a row, all at one instant and in one advance of the clock, that no event
    /// began and in which no byte went over a wire: a loop that has nothing to do should wait.
    pub fn idle_ticks_max(&self) -> u32 {
        self.net.idle_rounds_max()
    }

    /// How often calls from outside have woken the loop.
    pub fn wakes(&self) -> u64 {
        self.mailbox.bell().rings()
    }
}
