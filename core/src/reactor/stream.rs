//! A stream: bytes both ways over TCP, a Unix socket or a simulated wire.

use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use mio::net::{TcpStream, UnixStream};
use socket2::SockRef;

use super::{TcpOptions, sim, tcp_options};

/// A non-blocking stream of bytes.
///
/// Reading and writing return `WouldBlock` where a blocking stream would wait; the next event on
/// the stream says when to go on.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a Unix socket.
    Unix(UnixStream),
    /// Over a wire in memory.
    Sim(sim::Stream),
}

impl Stream {
    /// Begins to connect to `address`.
    ///
    /// The first writable event says that it has come to an end, and [`take_error`] how.
    ///
    /// # Errors
    /// What the system says if it refuses at once.
    ///
    /// [`take_error`]: Self::take_error
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect(address).map(Self::Tcp)
    }

    /// Makes two streams connected with each other, over a Unix socket.
    ///
    /// # Errors
    /// What the system says, for instance that no descriptor is left.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = UnixStream::pair()?;
        Ok((Self::Unix(one), Self::Unix(other)))
    }

    /// The address of the other side; `None` over a Unix socket, or if the connection is lost.
    pub fn peer(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(stream) => stream.peer_addr().ok(),
            Self::Unix(_) => None,
            Self::Sim(stream) => Some(stream.peer()),
        }
    }

    /// Ends reading, writing or both; what was written still arrives.
    ///
    /// # Errors
    /// `NotConnected` if the connection is lost.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(how),
            Self::Unix(stream) => stream.shutdown(how),
            Self::Sim(stream) => stream.shutdown(how),
        }
    }

    /// Sends small writes at once instead of gathering them; only TCP ever gathers.
    ///
    /// # Errors
    /// What the system says, for instance that the connection is lost.
    pub fn set_nodelay(&self, is_immediate: bool) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_nodelay(is_immediate),
            Self::Unix(_) | Self::Sim(_) => Ok(()),
        }
    }

    /// Has TCP treat the connection so.
    ///
    /// # Errors
    /// What the system says, for instance that the connection is lost.
    pub fn set_tcp_options(&self, options: &TcpOptions) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => options.tell(&SockRef::from(stream)),
            Self::Unix(_) | Self::Sim(_) => Ok(()),
        }
    }

    /// Sets how long what was sent may stay unacknowledged, as [`TcpOptions::user_timeout`].
    ///
    /// # Errors
    /// What the system says, for instance that the connection is lost.
    pub fn set_user_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => tcp_options::tell_user_timeout(&SockRef::from(stream), timeout),
            Self::Unix(_) | Self::Sim(_) => Ok(()),
        }
    }

    /// Bounds what the system holds of what was written and not yet sent; only TCP on Linux and
    /// its like can (`TCP_NOTSENT_LOWAT`), elsewhere it does nothing.
    ///
    /// # Errors
    /// What the system says, for instance that the connection is lost.
    pub fn set_unsent_max(&self, bytes: u32) -> io::Result<()> {
        match self {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Self::Tcp(stream) => SockRef::from(stream).set_tcp_notsent_lowat(bytes),
            _ => Ok(()),
        }
    }

    /// Takes the error the stream has met, so that it is not reported again.
    ///
    /// # Errors
    /// What the system says if it cannot be asked.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self {
            Self::Tcp(stream) => stream.take_error(),
            Self::Unix(stream) => stream.take_error(),
            Self::Sim(stream) => Ok(stream.take_error()),
        }
    }
}

impl Read for Stream {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
            Self::Sim(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
            Self::Sim(stream) => stream.write(bytes),
        }
    }

    #[inline]
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write_vectored(slices),
            Self::Unix(stream) => stream.write_vectored(slices),
            Self::Sim(stream) => stream.write_vectored(slices),
        }
    }

    /// Does nothing: what is written is on its way.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
