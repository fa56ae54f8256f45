//! A listener: where connections arrive, over TCP, a Unix socket or in memory.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::Path;

use mio::net::{TcpListener, UnixListener};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use super::{Stream, TcpOptions, sim};

/// Connections that may wait to be accepted.
///
/// 4096: what Linux allows by default, so that a thousand browsers reconnecting at once all find
/// room while the loop is busy with the first of them.
pub const BACKLOG: u32 = 4096;

/// A non-blocking listener.
#[derive(Debug)]
pub enum Listener {
    /// Over TCP.
    Tcp(TcpListener),
    /// Over a Unix socket.
    Unix(UnixListener),
    /// In memory.
    Sim(sim::Listener),
}

impl Listener {
    /// Listens on `address`, even while connections of an earlier listener there still linger.
    ///
    /// # Errors
    /// What the system says, for instance `AddrInUse`.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        listen(socket, &address.into())
            .map(|socket| Self::Tcp(TcpListener::from_std(std::net::TcpListener::from(socket))))
    }

    /// Listens on a Unix socket at `path`, which must not exist yet.
    ///
    /// # Errors
    /// What the system says: `AddrInUse` if the path exists, `InvalidInput` if it is too long.
    pub fn bind_unix(path: impl AsRef<Path>) -> io::Result<Self> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        listen(socket, &SockAddr::unix(path)?).map(|socket| {
            Self::Unix(UnixListener::from_std(std::os::unix::net::UnixListener::from(socket)))
        })
    }

    /// Accepts the next connection, and says who is at the other end if an address does.
    ///
    /// # Errors
    /// `WouldBlock` if none waits: an event announces the next. Other errors concern one
    /// connection, or say that no descriptor is left.
    pub fn accept(&self) -> io::Result<(Stream, Option<SocketAddr>)> {
        match self {
            Self::Tcp(listener) => {
                listener.accept().map(|(stream, peer)| (Stream::Tcp(stream), Some(peer)))
            }
            Self::Unix(listener) => {
                listener.accept().map(|(stream, _)| (Stream::Unix(stream), None))
            }
            Self::Sim(listener) => {
                let stream = listener.accept()?;
                let peer = stream.peer();
                Ok((Stream::Sim(stream), Some(peer)))
            }
        }
    }

    /// Has TCP treat so the connections accepted from now on, where they
    /// [inherit](TcpOptions::ARE_INHERITED) it.
    ///
    /// # Errors
    /// What the system says, for instance that it has no such option.
    pub fn set_tcp_options(&self, options: &TcpOptions) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => options.tell(&SockRef::from(listener)),
            Self::Unix(_) | Self::Sim(_) => Ok(()),
        }
    }

    /// The address it listens on, with the port the system chose if it was to choose one.
    ///
    /// # Errors
    /// `Unsupported` for a Unix socket, which has a path instead.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr(),
            Self::Unix(_) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a unix socket has a path and no internet address",
            )),
            Self::Sim(listener) => Ok(listener.local_addr()),
        }
    }
}

fn listen(socket: Socket, address: &SockAddr) -> io::Result<OwnedFd> {
    socket.set_nonblocking(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG as i32)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn a_listener_tells_the_port_it_was_given() {
        for ip in [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()] {
            let listener = match Listener::bind(SocketAddr::new(ip, 0)) {
                Err(error) if ip.is_ipv6() && error.kind() != io::ErrorKind::AddrInUse => continue,
                listener => listener.expect("a port is free"),
            };
            let address = listener.local_addr().expect("it is bound");
            assert_eq!(address.ip(), ip);
            assert_ne!(address.port(), 0);
        }
    }

    #[test]
    fn an_accept_with_nobody_there_would_block() {
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let nobody = listener.accept().expect_err("nobody has connected");
        assert_eq!(nobody.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_port_is_bound_once() {
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let taken = Listener::bind(address).expect_err("the port is taken");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn a_unix_listener_has_a_path_and_no_address() {
        let path = std::env::temp_dir().join(format!("crampon-listener-{}", std::process::id()));
        let listener = Listener::bind_unix(&path).expect("the path is free");
        let unsupported = listener.local_addr().expect_err("it has none");
        assert_eq!(unsupported.kind(), io::ErrorKind::Unsupported);
        let client = std::os::unix::net::UnixStream::connect(&path).expect("it listens");
        assert!(matches!(listener.accept(), Ok((Stream::Unix(_), None))));
        drop(client);
        std::fs::remove_file(&path).expect("it was made here");
    }
}
