//! The loop's ends of the simulated network: a stream and a listener.

use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};

use super::Socket;

/// The loop's end of a simulated wire.
///
/// It is boxed, and lies where a descriptor may, so that a stream of any kind is small.
#[repr(Rust, packed(4))]
pub struct Stream(Box<End>);

#[derive(Debug)]
struct End {
    socket: Socket,
    peer: SocketAddr,
}

impl Stream {
    pub(super) fn new(socket: Socket, peer: SocketAddr) -> Self {
        Self(Box::new(End { socket, peer }))
    }

    pub(in crate::reactor) fn socket(&self) -> &Socket {
        &self.end().socket
    }

    pub(in crate::reactor) fn peer(&self) -> SocketAddr {
        self.end().peer
    }

    pub(in crate::reactor) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket().shutdown(how)
    }

    pub(in crate::reactor) fn take_error(&self) -> Option<io::Error> {
        self.socket().with_wire(|wire| wire.take_error())
    }

    #[expect(clippy::explicit_auto_deref, reason = "the box lies where none can be referred to")]
    fn end(&self) -> &End {
        &*self.0
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.end().fmt(f)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.end().socket.read(buffer)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.end().socket.write(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.socket.close_wire();
    }
}

/// A listener on the simulated network.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    address: SocketAddr,
}

impl Listener {
    pub(super) fn new(socket: Socket, address: SocketAddr) -> Self {
        Self { socket, address }
    }

    pub(in crate::reactor) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(in crate::reactor) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    pub(in crate::reactor) fn accept(&self) -> io::Result<Stream> {
        self.socket.accept()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.socket.close_door(self.address);
    }
}
