//! A process that somebody else started and watches, as systemd does: it takes over the listener
//! it is handed, says when it is ready, that its loop turns, and that it stops.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use crampon_tests::{Browser, PATIENCE, Program};
use rustix::process::Signal;

/// Who is told how a process is.
struct Supervisor {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Supervisor {
    fn new(name: &str) -> Self {
        let file = format!("crampon-{}-{name}.supervisor", std::process::id());
        let path = std::env::temp_dir().join(file);
        let socket = UnixDatagram::bind(&path).expect("the path is free");
        socket.set_read_timeout(Some(PATIENCE)).expect("the socket is open");
        Self { socket, path }
    }

    fn start(&self, command: &mut Command) -> Program {
        Program::start_ours(command.env("NOTIFY_SOCKET", &self.path))
    }

    /// The next state it is told, the first line of it.
    fn hear(&self) -> Result<String, ErrorKind> {
        let mut buffer = [0; 256];
        let bytes = self.socket.recv(&mut buffer).map_err(|error| error.kind())?;
        let text = String::from_utf8_lossy(&buffer[..bytes]);
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    #[track_caller]
    fn expect(&self, state: &str) {
        assert_eq!(self.hear().as_deref(), Ok(state));
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // Nothing is lost with a file that stays in the folder for them.
        drop(fs::remove_file(&self.path));
    }
}

fn counter() -> Command {
    Command::new(env!("CARGO_BIN_EXE_counter"))
}

/// Hands descriptors to a process, as systemd does.
fn hand_over<D: Into<OwnedFd>>(command: &mut Command, descriptors: impl IntoIterator<Item = D>) {
    let mappings = (3..).zip(descriptors);
    let mappings =
        mappings.map(|(child_fd, descriptor)| FdMapping { parent_fd: descriptor.into(), child_fd });
    let mappings: Vec<_> = mappings.collect();
    command.env("LISTEN_FDS", mappings.len().to_string());
    command.fd_mappings(mappings).expect("each has a place of its own");
}

#[test]
fn the_readme_shows_the_units() {
    let readme = include_str!("../README.md");
    for unit in [include_str!("../docs/crampon.service"), include_str!("../docs/crampon.socket")] {
        assert!(readme.contains(unit), "{unit}");
    }
}

#[test]
fn it_says_that_it_is_ready_and_that_it_stops() {
    let supervisor = Supervisor::new("life");
    let program = supervisor.start(&mut counter());
    supervisor.expect("READY=1");
    let mut browser = Browser::connect(program.address());
    browser.get("/hello");
    assert_eq!(browser.answer().text(), "hello");
    let status = program.terminate();
    supervisor.expect("STOPPING=1");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_loop_that_turns_says_so_and_one_that_is_wedged_does_not() {
    let supervisor = Supervisor::new("watchdog");
    let program = supervisor.start(counter().env("WATCHDOG_USEC", "200000"));
    supervisor.expect("READY=1");
    for _ in 0..3 {
        supervisor.expect("WATCHDOG=1");
    }
    let mut browser = Browser::connect(program.address());
    browser.get("/wedge");
    let patience = Duration::from_millis(500);
    supervisor.socket.set_read_timeout(Some(patience)).expect("the socket is open");
    let beats = std::iter::repeat_with(|| supervisor.hear()).take_while(Result::is_ok).count();
    assert!(beats <= 10, "{beats} times it said that it turns, and does not");
}

#[test]
fn another_process_is_not_taken_for_the_one_that_is_watched() {
    let supervisor = Supervisor::new("other");
    let mut command = counter();
    command.env("WATCHDOG_USEC", "1000").env("WATCHDOG_PID", "1");
    let program = supervisor.start(&mut command);
    supervisor.expect("READY=1");
    assert_eq!(program.terminate().code(), Some(0));
    supervisor.expect("STOPPING=1");
}

/// Each of these passed without a word, and nothing was told to who waited for it.
#[test]
fn what_the_environment_says_of_the_supervisor_and_cannot_be_is_warned_of_once() {
    let supervisor = Supervisor::new("wrong");
    let path = supervisor.path.to_str().expect("it is text");
    let too_long = format!("/{}", "x".repeat(300));
    for (notify, name, value) in [
        ("/nowhere/at/all", "NOTIFY_SOCKET", "/nowhere/at/all"),
        ("", "NOTIFY_SOCKET", ""),
        (too_long.as_str(), "NOTIFY_SOCKET", too_long.as_str()),
        (path, "WATCHDOG_USEC", "abc"),
        (path, "WATCHDOG_PID", "abc"),
    ] {
        let mut command = counter();
        command.env("NOTIFY_SOCKET", notify).env("WATCHDOG_USEC", "1000000");
        let program = Program::start_ours(command.env(name, value));
        let mut browser = Browser::connect(program.address());
        browser.get("/hello");
        assert_eq!(browser.answer().text(), "hello", "it serves all the same");
        program.signal(Signal::TERM);
        let (status, said) = program.end();
        assert_eq!(status.code(), Some(0));
        let warnings: Vec<_> = said.lines().filter(|line| line.contains("WARN")).collect();
        let seen = format!("`{name}` is `{value}`, and must be ");
        assert!(matches!(warnings[..], [warning] if warning.contains(&seen)), "{warnings:?}");
    }
}

#[test]
fn it_serves_on_the_listener_it_is_handed() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    // Who comes before the process is there waits for it.
    let mut early = Browser::connect(address);
    early.get("/hello");
    let mut command = counter();
    hand_over(&mut command, [listener]);
    let program = Program::start_ours(command.env("LISTEN_FDNAMES", "http"));
    assert_eq!(program.address(), address);
    assert_eq!(early.answer().text(), "hello");
    assert_eq!(program.terminate().code(), Some(0));
}

#[test]
fn several_listeners_have_their_names() {
    let bind = || TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let listeners = [bind(), bind(), bind()];
    let address = |at: usize| listeners[at].local_addr().expect("it is bound");
    let expected = format!(
        "`web` listens on {}\n`admin` listens on {}\n`` listens on {}\n",
        address(0),
        address(1),
        address(2)
    );
    let mut command = counter();
    hand_over(command.arg("names"), listeners);
    let (status, said) = Program::start_ours(command.env("LISTEN_FDNAMES", "web:admin")).end();
    assert_eq!((status.code(), said), (Some(0), expected));
}

#[test]
fn a_listener_for_another_process_is_left_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let mut command = counter();
    hand_over(&mut command, [listener]);
    let program = Program::start_ours(command.env("LISTEN_PID", "1"));
    let own = program.address();
    assert_ne!(own, address);
    // It hears signals once it serves.
    let mut viewer = Browser::connect(own);
    viewer.get("/hello");
    assert_eq!(viewer.answer().text(), "hello");
    assert_eq!(program.terminate().code(), Some(0));
}

#[test]
fn a_descriptor_that_does_not_listen_is_refused_in_one_line() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let connection = TcpStream::connect(address).expect("it listens");
    let file = fs::File::open("/dev/null").expect("there is one");
    for (descriptor, why) in [
        (OwnedFd::from(connection), "is a connection; systemd's socket unit must say `Accept=no`"),
        (OwnedFd::from(file), "is no stream socket"),
    ] {
        let mut command = counter();
        hand_over(&mut command, [descriptor]);
        let (status, said) = Program::start_ours(&mut command).end();
        assert_eq!(status.code(), Some(1));
        let text = "descriptor 3 was handed over to be listened on, and";
        assert_eq!(said, format!("Error: {text} {why}\n"));
    }
}
