//! An example as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;

/// A running example; killed when it is dropped without [`stop`](Self::stop).
pub struct Example {
    child: Option<Child>,
    said: BufReader<ChildStdout>,
    input: ChildStdin,
}

impl Example {
    /// Starts an example on ports of the system's choice.
    pub fn start(name: &str) -> Self {
        let mut child = Command::new(path_of(name))
            .args(["--port", "0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`{name}` does not start: {error}"));
        let said = BufReader::new(child.stdout.take().expect("the output is piped"));
        let input = child.stdin.take().expect("the input is piped");
        Self { child: Some(child), said, input }
    }

    /// The address on the next line that the example prints.
    pub fn next_address(&mut self) -> SocketAddr {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("the output is text");
        let address = line.trim_end_matches(['/', '\n']).rsplit([' ', '/']).next();
        let address = address.and_then(|text| text.parse().ok());
        address.unwrap_or_else(|| panic!("no address on the line {line:?}"))
    }

    /// What the example reads as its standard input.
    pub fn input(&mut self) -> &mut ChildStdin {
        &mut self.input
    }

    /// Asks the example to end, and returns how it did.
    pub fn stop(mut self) -> ExitStatus {
        let mut child = self.child.take().expect("only `stop` takes the child");
        let pid = Pid::from_child(&child);
        kill_process(pid, Signal::TERM).expect("the example is running");
        let (ended, end) = mpsc::channel();
        thread::spawn(move || ended.send(child.wait()));
        match end.recv_timeout(PATIENCE) {
            Ok(status) => status.expect("the child is ours to wait for"),
            Err(_) => {
                let _ = kill_process(pid, Signal::KILL);
                panic!("the example goes on {PATIENCE:?} after SIGTERM");
            }
        }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// `cargo test` builds the examples of a package before its tests, into a folder beside theirs;
/// asked for one test alone, it takes them as they are.
fn path_of(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its file");
    let profile = test.ancestors().nth(2).expect("a test lies in `deps`, in its profile's folder");
    profile.join("examples").join(example)
}
