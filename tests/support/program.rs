//! A program a test stands beside: started, listened to, ended by its own process id.
//!
//! Readiness is a line the program writes, so nothing waits for luck.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take to say that it is ready, or to end when asked.
///
/// 30 s: a browser's first start on two busy cores takes about five.
const READY_TIMEOUT: Duration = Duration::from_secs(30);

/// How an address on loopback begins.
const LOOPBACK: &str = "127.0.0.1:";

/// A running program; it is killed when this is dropped.
pub struct Program {
    name: String,
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    /// Starts a program of the system's and listens to what it writes.
    ///
    /// Panics with the Debian package to install when there is no such program.
    pub fn start(command: &mut Command, package: &str) -> Self {
        Self::spawn(command, &format!("on Debian: `apt-get install {package}`"))
    }

    /// Starts a program of this project's and listens to what it writes.
    ///
    /// Panics with the command that makes it when it is not built.
    pub fn start_ours(command: &mut Command) -> Self {
        Self::spawn(command, "`cargo build --workspace --examples` makes it")
    }

    fn spawn(command: &mut Command, remedy: &str) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("`{name}` is not there, and this test is nothing without it; {remedy}")
            }
            Err(error) => panic!("`{name}` could not be started: {error}"),
        };
        let (sender, lines) = channel();
        listen(child.stdout.take().expect("standard output is piped"), sender.clone());
        listen(child.stderr.take().expect("standard error is piped"), sender);
        Self { name, child, lines }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Bytes of memory it has resident; of a program that runs, on Linux.
    pub fn resident_bytes(&self) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kib.expect("a running process has a resident set") * 1024
    }

    /// The processor time its first thread has used; of a program that runs, on Linux.
    pub fn cpu(&self) -> Duration {
        let stat = self.proc("schedstat");
        let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
        Duration::from_nanos(nanos.expect("the first number is the time on the processor"))
    }

    fn proc(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.id());
        std::fs::read_to_string(path).expect("it runs")
    }

    /// What it reads as its standard input.
    pub fn input(&mut self) -> &mut ChildStdin {
        self.child.stdin.as_mut().expect("standard input is piped")
    }

    /// Waits for a line that names an address on loopback, and returns that.
    pub fn address(&self) -> SocketAddr {
        let line = self.wait_for(LOOPBACK);
        let start = line.find(LOOPBACK).expect("it was waited for");
        let end = line[start..].find(|at: char| !at.is_ascii_digit() && at != '.' && at != ':');
        let address = &line[start..end.map_or(line.len(), |end| start + end)];
        address.trim_end_matches(['.', ':']).parse().expect("the line ends with an address")
    }

    /// Waits for a line that contains `mark`, and returns it.
    pub fn wait_for(&self, mark: &str) -> String {
        let deadline = Instant::now() + READY_TIMEOUT;
        let mut heard = String::new();
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(mark) => return line,
                Ok(line) => heard = heard + &line + "\n",
                Err(RecvTimeoutError::Timeout) => {
                    panic!(
                        "`{}` did not say `{mark}` within {READY_TIMEOUT:?}:\n{heard}",
                        self.name
                    )
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("`{}` ended before it said `{mark}`:\n{heard}", self.name)
                }
            }
        }
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the program runs");
    }

    /// Waits for the program to end, and returns how it did and what else it said.
    pub fn end(mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + READY_TIMEOUT;
        let mut said = String::new();
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => said = said + &line + "\n",
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("`{}` did not end within {READY_TIMEOUT:?}:\n{said}", self.name)
                }
            }
        }
        (self.child.wait().expect("the program is ours to wait for"), said)
    }

    /// Asks the program to end (SIGTERM) and returns how it did.
    pub fn terminate(self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.end().0
    }

    /// Ends the program as a crash would (SIGKILL).
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Either has nothing to say about a program that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends every line of `output` on, until it closes.
fn listen(output: impl Read + Send + 'static, lines: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // Nobody listens any more once the program is dropped; it must still not block.
            let _ = lines.send(line);
        }
    });
}

/// A port on loopback that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a bound listener has an address").port()
}
