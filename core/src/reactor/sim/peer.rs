//! A peer: the far end of a simulated wire, in the hands of a test.

use std::net::SocketAddr;

use super::Socket;
use super::wire::Wire;

/// The far end of a simulated connection.
///
/// What it does reaches the loop as an event of the next round. Dropping it closes it.
#[derive(Debug)]
pub struct Peer(Socket);

impl Peer {
    pub(super) fn new(socket: Socket) -> Self {
        Self(socket)
    }

    /// Which of all peers it is, for as long as it lives.
    pub(crate) fn id(&self) -> usize {
        self.0.id
    }

    /// Its address, as the loop's end sees it.
    pub fn address(&self) -> SocketAddr {
        self.0.with_wire(|wire| wire.far_address)
    }

    /// Sends bytes, which arrive at once and in one piece, unless the [weather](super::Weather) has
    /// it otherwise.
    ///
    /// # Panics
    /// If it has finished: who has sent an end cannot send more.
    pub fn send(&self, bytes: &[u8]) {
        self.0.send(|wire, at| wire.send(bytes, at));
    }

    /// Takes all that was written to it and not taken before; this opens no window.
    pub fn receive(&self) -> Vec<u8> {
        self.0.with_wire(|wire| wire.receive())
    }

    /// Ends its sending, as a half-close does; it still receives.
    pub fn finish(&self) {
        self.0.send(Wire::finish);
    }

    /// Resets the connection: what it sent before is still read, then comes the error, once.
    pub fn reset(&self) {
        self.0.send(Wire::abort);
    }

    /// Whether the loop has ended its writing, by a half-close or altogether.
    pub fn has_finished(&self) -> bool {
        self.0.with_wire(|wire| wire.has_finished())
    }

    /// Whether the loop has closed its end altogether.
    pub fn is_closed(&self) -> bool {
        self.0.with_wire(|wire| wire.is_closed)
    }

    /// Whether the connection was reset, by either side.
    ///
    /// The loop's side resets it by closing its end with bytes unread, or when more come later.
    pub fn was_reset(&self) -> bool {
        self.0.with_wire(|wire| wire.was_reset())
    }

    /// Has each write of the loop take at most so many bytes, and never none.
    ///
    /// A write it cuts short is followed by an event, as if the bytes had left at once; the next
    /// write may also be tried right away.
    pub fn set_write_max(&self, bytes: Option<usize>) {
        self.0.with_wire(|wire| wire.write_max = bytes.map(|bytes| bytes.max(1)));
    }

    /// Has each read of the loop take at most so many bytes, and never none.
    ///
    /// A read it cuts short is followed by an event, as if the rest had arrived later; it may also
    /// be read right away.
    pub fn set_read_max(&self, bytes: Option<usize>) {
        self.0.with_wire(|wire| wire.read_max = bytes.map(|bytes| bytes.max(1)));
    }

    /// Takes `bytes` more, counted from this call, and then stalls; `None` takes everything.
    ///
    /// A write at a closed window would block; when it opens after that, an event says so.
    pub fn set_window(&self, bytes: Option<usize>) {
        self.0.with_wire(|wire| wire.set_window(bytes));
    }

    /// Resets the connection once the loop has written `bytes` more, counted from this call.
    pub fn reset_after(&self, bytes: usize) {
        self.0.with_wire(|wire| wire.reset_after(bytes));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.0.abandon_wire();
    }
}
