//! The loop's ends of the simulated network: a stream and a listener.

use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};

use super::Socket;

/// The loop's end of a simulated wire.
#[derive(Debug)]
pub struct Stream {
    socket: Socket,
    peer: SocketAddr,
}

impl Stream {
    pub(super) fn new(socket: Socket, peer: SocketAddr) -> Self {
        Self { socket, peer }
    }

    pub(in crate::reactor) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(in crate::reactor) fn peer(&self) -> SocketAddr {
        self.peer
    }

    pub(in crate::reactor) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    pub(in crate::reactor) fn take_error(&self) -> Option<io::Error> {
        self.socket.with_wire(|wire| wire.take_error())
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.read(buffer)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.write(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Stream {
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
