//! An example as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;

/// A running example; killed when it is dropped without [`stop`](Self::stop).
pub struct Example {
    child: Option<Child>,
    addresses: Receiver<SocketAddr>,
    input: ChildStdin,
}

impl Example {
    /// Starts an example on ports of the system's choice.
    pub fn start(name: &str) -> Self {
        let mut child = Command::new(path_of(name))
            .args(["--port", "0"])
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("`{name}` does not start: {error}"));
        let (found, addresses) = mpsc::channel();
        follow(child.stdout.take().expect("the output is piped"), found.clone());
        follow(child.stderr.take().expect("the errors are piped"), found);
        let input = child.stdin.take().expect("the input is piped");
        Self { child: Some(child), addresses, input }
    }

    /// The next address that the example prints.
    pub fn next_address(&mut self) -> SocketAddr {
        self.addresses.recv_timeout(PATIENCE).expect("the example says where it listens")
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

/// Reads what the example prints to the end, and passes on the addresses in it.
fn follow(output: impl Read + Send + 'static, found: Sender<SocketAddr>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let Some(start) = line.find("127.0.0.1:") else { continue };
            let end = line[start..].find(['/', ';', ' ']).map_or(line.len(), |end| start + end);
            if let Ok(address) = line[start..end].parse() {
                // A test that knows enough listens no more.
                let _ = found.send(address);
            }
        }
    });
}
