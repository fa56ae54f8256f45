//! A program a test stands beside: started, listened to, ended by its own process id.
//!
//! Readiness is a line the program writes, so nothing waits for luck. Knows no network.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take to say that it is ready, or to end when asked.
///
/// 30 s: a browser's first start on two busy cores takes about five.
const READY_TIMEOUT: Duration = Duration::from_secs(30);

/// A running program; it is killed when this is dropped.
pub struct Program {
    name: String,
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    /// Starts `command` and listens to what it writes.
    ///
    /// Panics with the Debian package to install when there is no such program.
    pub fn start(command: &mut Command, package: &str) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => panic!(
                "`{name}` is not installed, and this test is nothing without it; \
                 on Debian: `apt-get install {package}`"
            ),
            Err(error) => panic!("`{name}` could not be started: {error}"),
        };
        let (sender, lines) = channel();
        listen(child.stdout.take().expect("standard output is piped"), sender.clone());
        listen(child.stderr.take().expect("standard error is piped"), sender);
        Self { name, child, lines }
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

    /// Asks the program to end (SIGTERM) and returns how it did.
    pub fn terminate(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("the program runs");
        let deadline = Instant::now() + READY_TIMEOUT;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("`{}` did not end within {READY_TIMEOUT:?} of SIGTERM", self.name)
                }
            }
        }
        self.child.wait().expect("the program is ours to wait for")
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
