//! Listeners handed over by who started the process: systemd, or a parent that does as it does.
//!
//! They are the descriptors from 3 on. `LISTEN_FDS` says how many, `LISTEN_PID` for which process
//! (any, if it is not set), `LISTEN_FDNAMES` what they are called. Source: sd_listen_fds(3).

use std::io;

use listenfd::ListenFd;
use mio::net::{TcpListener, UnixListener};
use socket2::SockRef;

use super::Listener;

impl Listener {
    /// The listeners that who started the process hands over, each with its name, in their order;
    /// a name is empty if none was given.
    ///
    /// They are there once: who asks again gets none, nor do children of the process. They do not
    /// block from now on, in any process that shares them.
    ///
    /// ```no_run
    /// use crampon::reactor::Listener;
    ///
    /// for (name, listener) in Listener::inherited()? {
    ///     println!("{name} listens on {}", listener.local_addr()?);
    /// }
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` if one of them is not a socket that listens on TCP or a path.
    pub fn inherited() -> io::Result<Vec<(String, Self)>> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':').map(str::to_owned);
        let mut handed_over = ListenFd::from_env();
        let each = (0..handed_over.len())
            .map(|index| Ok((names.next().unwrap_or_default(), take(&mut handed_over, index)?)));
        each.collect()
    }
}

fn take(handed_over: &mut ListenFd, index: usize) -> io::Result<Listener> {
    if let Ok(Some(listener)) = handed_over.take_tcp_listener(index) {
        check(SockRef::from(&listener), index)?;
        listener.set_nonblocking(true)?;
        return Ok(Listener::Tcp(TcpListener::from_std(listener)));
    }
    if let Ok(Some(listener)) = handed_over.take_unix_listener(index) {
        check(SockRef::from(&listener), index)?;
        listener.set_nonblocking(true)?;
        return Ok(Listener::Unix(UnixListener::from_std(listener)));
    }
    Err(unfit(index, "is no stream socket"))
}

/// A connection looks like a listener until somebody tries to accept from it.
fn check(socket: SockRef<'_>, index: usize) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    if !socket.is_listener()? {
        return Err(unfit(index, "is a connection; systemd's socket unit must say `Accept=no`"));
    }
    let _ = (socket, index);
    Ok(())
}

fn unfit(index: usize, why: &str) -> io::Error {
    let descriptor = FIRST_DESCRIPTOR + index;
    let text = format!("descriptor {descriptor} was handed over to be listened on, and {why}");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

/// The descriptor of the first (`SD_LISTEN_FDS_START`).
const FIRST_DESCRIPTOR: usize = 3;
