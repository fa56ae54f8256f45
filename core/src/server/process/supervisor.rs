//! The supervisor: who started the process and wants to hear how it is, as systemd does.
//!
//! What it is told is a datagram of `NAME=VALUE` lines. It never waits: a supervisor that does not
//! listen is not told, and the log hears of that once. Source: sd_notify(3),
//! sd_watchdog_enabled(3).

use std::cell::Cell;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::seat::TimerKey;

/// Who is told, and how often that the loop still turns.
#[derive(Debug)]
pub(crate) struct Supervisor {
    socket: UnixDatagram,
    name: String,
    address: SocketAddr,
    watchdog: Option<Duration>,
    /// The log has heard that it cannot be told anything.
    is_deaf: Cell<bool>,
}

impl Supervisor {
    /// The one that the environment names, if it names one. What it says that cannot be is said to
    /// the log, and the server goes on without.
    pub fn from_environment() -> Option<Self> {
        let address = std::env::var_os("NOTIFY_SOCKET")?;
        let text = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let watchdog = watchdog(text("WATCHDOG_USEC").as_deref(), text("WATCHDOG_PID").as_deref());
        let watchdog = watchdog.unwrap_or_else(|fault| {
            tracing::warn!("the supervisor is given no sign of life: {fault}");
            None
        });
        match Self::new(&address, watchdog) {
            Ok(supervisor) => Some(supervisor),
            Err(error) => {
                warn_of_silence(&address.to_string_lossy(), &error);
                None
            }
        }
    }

    /// The one at an address: a path, or behind `@` a name without one. `watchdog` is how long it
    /// waits for a sign of life.
    fn new(address: &OsStr, watchdog: Option<Duration>) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        let name = address.to_string_lossy().into_owned();
        let address = address_of(address)?;
        Ok(Self { socket, name, address, watchdog, is_deaf: Cell::new(false) })
    }

    /// How often it wants a sign of life: twice in the time that it waits for one.
    pub fn beat(&self) -> Option<Duration> {
        self.watchdog.map(|period| period / 2)
    }

    /// Tells it that the server accepts connections.
    pub fn ready(&self) {
        self.tell("READY=1\nSTATUS=accepts connections\n");
    }

    /// Tells it that the loop turns.
    pub fn alive(&self, open: usize) {
        self.tell(&format!("WATCHDOG=1\nSTATUS=open connections: {open}\n"));
    }

    /// Tells it that the server stops.
    pub fn stopping(&self, open: usize) {
        self.tell(&format!("STOPPING=1\nSTATUS=stopping; open connections: {open}\n"));
    }

    fn tell(&self, text: &str) {
        let Err(error) = self.socket.send_to_addr(text.as_bytes(), &self.address) else { return };
        if self.is_deaf.replace(true) {
            tracing::debug!("the supervisor does not listen: {error}");
        } else {
            warn_of_silence(&self.name, &error);
        }
    }
}

fn warn_of_silence(name: &str, error: &io::Error) {
    tracing::warn!(
        "the supervisor cannot be told anything: `NOTIFY_SOCKET` is `{name}`, and must be the path \
         of a datagram socket that is listened on, or `@` and its name: {error}"
    );
}

/// How long this process's supervisor waits for a sign of life, by what `WATCHDOG_USEC` and
/// `WATCHDOG_PID` say; `None` if it does not wait for one, or for another process's.
fn watchdog(micros: Option<&str>, process: Option<&str>) -> Result<Option<Duration>, String> {
    let Some(micros) = micros else { return Ok(None) };
    if let Some(process) = process {
        let id: u32 = process.parse().map_err(|_| {
            format!("`WATCHDOG_PID` is `{process}`, and must be the number of a process")
        })?;
        if id != std::process::id() {
            return Ok(None);
        }
    }
    match micros.parse() {
        Ok(micros @ 1..) => Ok(Some(Duration::from_micros(micros))),
        Ok(0) | Err(_) => {
            Err(format!("`WATCHDOG_USEC` is `{micros}`, and must be a number of microseconds"))
        }
    }
}

impl Engine {
    /// Tells the supervisor that the server accepts connections, and from now on, as often as it
    /// wants to hear it, that the loop turns: one that does not is restarted.
    pub(crate) fn report_ready(&self, scope: &mut Scope<'_>) {
        let Some(supervisor) = &self.supervisor else { return };
        supervisor.ready();
        if let Some(beat) = supervisor.beat() {
            scope.every(beat, TimerKey::Watchdog.pack());
        }
    }

    pub(crate) fn report_alive(&self) {
        if let Some(supervisor) = &self.supervisor {
            supervisor.alive(self.connections.len());
        }
    }

    pub(crate) fn report_stop(&self) {
        if let Some(supervisor) = &self.supervisor {
            supervisor.stopping(self.connections.len());
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn address_of(address: &OsStr) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;

    match address.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(address),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn address_of(address: &OsStr) -> io::Result<SocketAddr> {
    SocketAddr::from_pathname(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A supervisor of the test's own, and what it hears.
    struct Unit {
        socket: UnixDatagram,
        path: std::path::PathBuf,
    }

    impl Unit {
        fn new(name: &str) -> Self {
            let file = format!("crampon-{}-{name}.notify", std::process::id());
            let path = std::env::temp_dir().join(file);
            let socket = UnixDatagram::bind(&path).expect("the path is free");
            socket.set_nonblocking(true).expect("the socket is open");
            Self { socket, path }
        }

        fn hear(&self) -> Option<String> {
            let mut buffer = [0; 256];
            let bytes = self.socket.recv(&mut buffer).ok()?;
            Some(String::from_utf8_lossy(&buffer[..bytes]).into_owned())
        }
    }

    impl Drop for Unit {
        fn drop(&mut self) {
            std::fs::remove_file(&self.path).expect("it was made by the test");
        }
    }

    #[test]
    fn a_supervisor_hears_that_the_server_is_ready_lives_and_stops() {
        let unit = Unit::new("states");
        let supervisor = Supervisor::new(unit.path.as_os_str(), None).expect("it has an address");
        supervisor.ready();
        supervisor.alive(7);
        supervisor.stopping(3);
        for told in [
            "READY=1\nSTATUS=accepts connections\n",
            "WATCHDOG=1\nSTATUS=open connections: 7\n",
            "STOPPING=1\nSTATUS=stopping; open connections: 3\n",
        ] {
            assert_eq!(unit.hear().as_deref(), Some(told));
        }
        assert_eq!(unit.hear(), None);
    }

    #[test]
    fn a_sign_of_life_is_given_twice_in_the_time_it_is_waited_for() {
        let unit = Unit::new("watchdog");
        for seconds in [None, Some(30)] {
            let supervisor =
                Supervisor::new(unit.path.as_os_str(), seconds.map(Duration::from_secs));
            let beat = supervisor.expect("it has an address").beat();
            assert_eq!(beat, seconds.map(|seconds| Duration::from_secs(seconds) / 2));
        }
    }

    #[test]
    fn a_sign_of_life_is_waited_for_as_long_as_the_environment_says_and_of_whom() {
        let (own, other) = (std::process::id().to_string(), "1");
        let half_a_minute = Ok(Some(Duration::from_secs(30)));
        for (micros, process, expected) in [
            (None, None, Ok(None)),
            (None, Some("abc"), Ok(None)),
            (Some("30000000"), None, half_a_minute),
            (Some("30000000"), Some(own.as_str()), half_a_minute),
            (Some("30000000"), Some(other), Ok(None)),
            (Some("soon"), Some(other), Ok(None)),
            (Some("30000000"), Some("abc"), Err("`WATCHDOG_PID` is `abc`")),
            (Some("30000000"), Some(""), Err("`WATCHDOG_PID` is ``")),
            (Some("soon"), None, Err("`WATCHDOG_USEC` is `soon`")),
            (Some("soon"), Some(own.as_str()), Err("`WATCHDOG_USEC` is `soon`")),
            (Some("0"), None, Err("`WATCHDOG_USEC` is `0`")),
            (Some("-1"), None, Err("`WATCHDOG_USEC` is `-1`")),
        ] {
            match (watchdog(micros, process), expected) {
                (Ok(period), expected) => {
                    assert_eq!(Ok(period), expected, "{micros:?} {process:?}")
                }
                (Err(said), Err(start)) => assert!(said.starts_with(start), "{said}"),
                (Err(said), Ok(_)) => panic!("{said}"),
            }
        }
    }

    #[test]
    fn one_that_does_not_listen_is_not_waited_for() {
        let unit = Unit::new("deaf");
        let supervisor = Supervisor::new(unit.path.as_os_str(), None).expect("it has an address");
        for count in 0..10_000 {
            supervisor.alive(count);
        }
        assert!(unit.hear().is_some(), "what there was room for is there");
        drop(unit);
        supervisor.stopping(0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_address_may_be_a_name_without_a_path() {
        use std::os::linux::net::SocketAddrExt;

        let name = format!("crampon-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("the name is short");
        let socket = UnixDatagram::bind_addr(&address).expect("the name is free");
        let supervisor = Supervisor::new(OsStr::new(&format!("@{name}")), None);
        supervisor.expect("it has an address").ready();
        let mut buffer = [0; 7];
        socket.recv(&mut buffer).expect("something was said");
        assert_eq!(&buffer, b"READY=1");
    }
}
