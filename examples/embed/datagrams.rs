//! A UDP socket on the loop: what comes goes back.

use std::io::{self, ErrorKind};
use std::rc::Rc;

use crampon::reactor::{Handler, Interest, Readiness, Scope};
use mio::net::UdpSocket;

use crate::counts::{Counts, raise};

/// Datagrams answered in one go; then others on the loop have their turn.
const DATAGRAMS_PER_VISIT: usize = 64;

/// The longest datagram there is (RFC 768), so that none is cut.
const DATAGRAM_BYTES_MAX: usize = 65_507;

/// Sends every datagram back to where it came from.
pub struct Datagrams {
    socket: UdpSocket,
    buffer: Vec<u8>,
    counts: Rc<Counts>,
}

impl Datagrams {
    /// Takes the socket to the loop.
    pub fn new(
        mut socket: UdpSocket,
        counts: Rc<Counts>,
        scope: &mut Scope<'_>,
    ) -> io::Result<Self> {
        scope.register(&mut socket, 0, Interest::READABLE)?;
        Ok(Self { socket, buffer: vec![0; DATAGRAM_BYTES_MAX], counts })
    }
}

impl Handler for Datagrams {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        for _ in 0..DATAGRAMS_PER_VISIT {
            match self.socket.recv_from(&mut self.buffer) {
                Ok((length, from)) => {
                    raise(&self.counts.datagrams);
                    // What the network will not take now is lost, as datagrams may be.
                    let _ = self.socket.send_to(&self.buffer[..length], from);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => eprintln!("a datagram was not received: {error}"),
            }
        }
        // There may be more, and no event will say so.
        scope.revisit(event.source);
    }
}
