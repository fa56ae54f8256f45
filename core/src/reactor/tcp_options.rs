//! What TCP is told about connections: to send at once, to notice silently lost peers.
//!
//! Linux hands the options of a listener on to what it accepts, so they cost a connection nothing.
//! Source: RFC 5482 (user timeout), RFC 9293, section 3.8.4 (keep-alives).

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// How TCP is to treat connections. A Unix socket and a simulated one take no notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpOptions {
    /// Sends small writes at once instead of gathering them (`TCP_NODELAY`).
    pub is_immediate: bool,
    /// How long what was sent may stay unacknowledged, or a closed window closed, before the
    /// connection is lost (`TCP_USER_TIMEOUT`); the system's own quarter of an hour without it.
    /// Only Linux and its like have it.
    pub user_timeout: Option<Duration>,
    /// How long a connection may be silent before its peer is asked whether it is there
    /// (`SO_KEEPALIVE`); never without it.
    pub keep_alive: Option<Duration>,
}

impl TcpOptions {
    /// Whether connections have the options of the listener that accepted them.
    pub const ARE_INHERITED: bool = cfg!(any(target_os = "linux", target_os = "android"));

    /// Tells them to a socket.
    pub(super) fn tell(&self, socket: &SockRef<'_>) -> io::Result<()> {
        if self.is_immediate {
            socket.set_tcp_nodelay(true)?;
        }
        if let Some(idle) = self.keep_alive {
            socket.set_tcp_keepalive(&keep_alive(idle.clamp(WHOLE_SECOND, IDLE_MAX)))?;
        }
        match self.user_timeout {
            Some(timeout) => tell_user_timeout(socket, timeout),
            None => Ok(()),
        }
    }
}

/// Asks after so much silence, and gives up after as long again.
fn keep_alive(idle: Duration) -> TcpKeepalive {
    let keep_alive = TcpKeepalive::new().with_time(idle);
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
    let keep_alive =
        keep_alive.with_interval((idle / PROBES_MAX).max(WHOLE_SECOND)).with_retries(PROBES_MAX);
    keep_alive
}

/// Tells a socket how long what was sent may stay unacknowledged.
pub(super) fn tell_user_timeout(socket: &SockRef<'_>, timeout: Duration) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_user_timeout(Some(timeout))?;
    let _ = (socket, timeout);
    Ok(())
}

/// Questions that may go unanswered; together they take as long again as the silence before them.
///
/// 3: one lost packet is weather, three in a row are a cable.
const PROBES_MAX: u32 = 3;

/// What the system counts keep-alives in.
const WHOLE_SECOND: Duration = Duration::from_secs(1);

/// The longest silence Linux takes (`MAX_TCP_KEEPIDLE`), nine hours.
const IDLE_MAX: Duration = Duration::from_secs(32_767);

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpStream;

    use super::super::{Listener, Stream};
    use super::*;

    #[test]
    fn what_is_accepted_has_the_options_of_its_listener() {
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let options = TcpOptions {
            is_immediate: true,
            user_timeout: Some(Duration::from_millis(29_500)),
            keep_alive: Some(Duration::from_secs(15)),
        };
        listener.set_tcp_options(&options).expect("the system has them");
        let address = listener.local_addr().expect("it is bound");
        let _client = TcpStream::connect(address).expect("it listens");
        let (stream, _) = std::iter::repeat_with(|| listener.accept())
            .find_map(Result::ok)
            .expect("a client has connected");
        let Stream::Tcp(tcp) = &stream else { panic!("it listens on TCP") };
        let socket = SockRef::from(tcp);
        assert!(socket.tcp_nodelay().expect("it can be asked"));
        assert!(socket.keepalive().expect("it can be asked"));
        assert_eq!(socket.tcp_user_timeout().expect("it can be asked"), options.user_timeout);
        assert_eq!(socket.tcp_keepalive_time().expect("it can be asked").as_secs(), 15);
        assert_eq!(socket.tcp_keepalive_interval().expect("it can be asked").as_secs(), 5);
        assert_eq!(socket.tcp_keepalive_retries().expect("it can be asked"), 3);

        let longer = Duration::from_secs(60);
        stream.set_user_timeout(longer).expect("it may have one of its own");
        assert_eq!(socket.tcp_user_timeout().expect("it can be asked"), Some(longer));
    }
}
