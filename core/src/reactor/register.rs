//! What can be registered with the loop: our streams and listeners, and any source of mio.

use std::io;

use super::sim::{Net, Socket};
use super::{Interest, Listener, Source, Stream};

/// Something whose events the loop can wait for.
///
/// Every `mio::event::Source` is one: a UDP socket, a pipe, the signals of `signal-hook-mio`, or
/// any descriptor by `SourceFd`. A type that wraps a stream passes both calls on to it.
pub trait Register {
    /// Registers with the selector that stands behind `registrar`.
    ///
    /// # Errors
    /// What the system says; `Unsupported` for a real source on a simulated loop, or the reverse.
    fn register(&mut self, registrar: &Registrar<'_>, on: Source, of: Interest) -> io::Result<()>;

    /// Ends the registration.
    ///
    /// # Errors
    /// As for [`register`](Self::register), and `NotFound` if there is no registration.
    fn deregister(&mut self, registrar: &Registrar<'_>) -> io::Result<()>;
}

/// The selector a source registers with, real or simulated.
pub struct Registrar<'a>(Selector<'a>);

enum Selector<'a> {
    Real(&'a mio::Registry),
    Simulated(&'a Net),
}

impl<'a> Registrar<'a> {
    pub(super) fn real(registry: &'a mio::Registry) -> Self {
        Self(Selector::Real(registry))
    }

    pub(super) fn simulated(net: &'a Net) -> Self {
        Self(Selector::Simulated(net))
    }

    fn registry(&self) -> io::Result<&mio::Registry> {
        match self.0 {
            Selector::Real(registry) => Ok(registry),
            Selector::Simulated(_) => Err(unsupported("a simulated loop takes simulated sources")),
        }
    }

    /// Checks that a simulated source registers with its own network.
    fn check(&self, socket: &Socket) -> io::Result<()> {
        match self.0 {
            Selector::Simulated(net) if socket.is_on(net) => Ok(()),
            _ => Err(unsupported("a simulated source belongs to the loop of its simulation")),
        }
    }
}

fn unsupported(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, why)
}

impl<S: mio::event::Source + ?Sized> Register for S {
    fn register(&mut self, registrar: &Registrar<'_>, on: Source, of: Interest) -> io::Result<()> {
        mio::event::Source::register(self, registrar.registry()?, on.token(), of)
    }

    fn deregister(&mut self, registrar: &Registrar<'_>) -> io::Result<()> {
        mio::event::Source::deregister(self, registrar.registry()?)
    }
}

impl Register for Stream {
    fn register(&mut self, registrar: &Registrar<'_>, on: Source, of: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => Register::register(stream, registrar, on, of),
            Self::Unix(stream) => Register::register(stream, registrar, on, of),
            Self::Sim(stream) => register_simulated(stream.socket(), registrar, on, of),
        }
    }

    fn deregister(&mut self, registrar: &Registrar<'_>) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => Register::deregister(stream, registrar),
            Self::Unix(stream) => Register::deregister(stream, registrar),
            Self::Sim(stream) => deregister_simulated(stream.socket(), registrar),
        }
    }
}

impl Register for Listener {
    fn register(&mut self, registrar: &Registrar<'_>, on: Source, of: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => Register::register(listener, registrar, on, of),
            Self::Unix(listener) => Register::register(listener, registrar, on, of),
            Self::Sim(listener) => register_simulated(listener.socket(), registrar, on, of),
        }
    }

    fn deregister(&mut self, registrar: &Registrar<'_>) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => Register::deregister(listener, registrar),
            Self::Unix(listener) => Register::deregister(listener, registrar),
            Self::Sim(listener) => deregister_simulated(listener.socket(), registrar),
        }
    }
}

fn register_simulated(
    socket: &Socket,
    registrar: &Registrar<'_>,
    on: Source,
    of: Interest,
) -> io::Result<()> {
    registrar.check(socket)?;
    socket.register(on, of)
}

fn deregister_simulated(socket: &Socket, registrar: &Registrar<'_>) -> io::Result<()> {
    registrar.check(socket)?;
    socket.deregister()
}
