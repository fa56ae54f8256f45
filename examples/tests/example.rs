//! An example as its user has it: a process, talked to through its port.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use crampon::protocol::http::{BodyLength, Method};
use rustix::process::{Pid, Signal, kill_process};

use crate::client::{Answer, DEADLINE, Events, Socket, Wire};

/// An example, running on a port of its own.
pub struct Example {
    child: Child,
    address: SocketAddr,
    log: Receiver<String>,
}

impl Example {
    /// Starts an example and waits for the line that says where it listens.
    pub fn start(name: &str, args: &[&str]) -> Self {
        let mut child = Command::new(binary(name))
            .args(["--port", "0"])
            .args(args)
            .env_remove("RUST_LOG")
            .env_remove("CRAMPON_ENV")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("`{name}` does not start: {error} (`cargo build --examples` makes it)")
            });
        let log = lines_of(child.stderr.take().expect("standard error is piped"));
        let address = loop {
            match log.recv_timeout(DEADLINE) {
                Ok(line) => {
                    if let Some(address) = address_in(&line) {
                        break address;
                    }
                }
                Err(_) => panic!("`{name}` does not say where it listens"),
            }
        };
        Self { child, address, log }
    }

    /// Asks it to stop, and expects it to leave in good order.
    pub fn stop(self) {
        self.terminate();
        self.wait();
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("the example still runs");
    }

    /// Expects it to leave in good order.
    pub fn wait(mut self) {
        let patience = Instant::now() + DEADLINE;
        // Standard error ends when the process does.
        while self.log.recv_timeout(patience.saturating_duration_since(Instant::now())).is_ok() {}
        let status = self.child.wait().expect("it is our child");
        assert!(status.success(), "the example ended with {status}");
    }

    /// Sends a request, and reads the whole answer.
    pub fn ask(&self, method: Method, target: &str, body: &[u8]) -> Answer {
        let length = match method {
            Method::GET | Method::HEAD => BodyLength::None,
            _ => BodyLength::Length(body.len() as u64),
        };
        let mut wire =
            Wire::open(self.address, &method, target, &[("connection", "close")], length);
        wire.send(body);
        wire.answer(&method)
    }

    /// Asks for something and reads the whole answer.
    pub fn get(&self, target: &str) -> Answer {
        self.ask(Method::GET, target, b"")
    }

    /// Sends something and reads the whole answer.
    pub fn post(&self, target: &str, body: &str) -> Answer {
        self.ask(Method::POST, target, body.as_bytes())
    }

    /// Sends text as `curl -d` does, which calls everything a form.
    pub fn post_form(&self, target: &str, body: &str) -> Answer {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let length = BodyLength::Length(body.len() as u64);
        let mut wire = Wire::open(self.address, &Method::POST, target, &form, length);
        wire.send(body.as_bytes());
        wire.answer(&Method::POST)
    }

    /// Sends a request, with the body still to be said and the answer to be heard.
    pub fn open(&self, method: &Method, target: &str, body: BodyLength) -> Wire {
        Wire::open(self.address, method, target, &[], body)
    }

    /// Opens an event stream, behind the event `last_seen`.
    pub fn events(&self, target: &str, last_seen: Option<u64>) -> Events {
        Events::open(self.address, target, last_seen)
    }

    /// Opens a WebSocket.
    pub fn socket(&self, target: &str) -> Socket {
        Socket::open(self.address, target)
    }

    /// Expects a page at `/` that has `words` in it, and nothing that comes from elsewhere.
    pub fn expect_page(&self, words: &str) {
        let page = self.get("/");
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.body.contains(words), "the page has {words:?}");
        let body = page.body.replace("http://www.w3.org/", "");
        assert!(!body.contains("https://") && !body.contains("http://"), "all of it is here");
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // After `stop` it has gone, and there is nobody to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where cargo puts an example that it has built for the tests.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows itself");
    let target = test.ancestors().nth(2).expect("a test lies in `deps`");
    target.join("examples").join(name)
}

/// Reads lines on a thread until there are no more, so that the child never waits to be heard.
fn lines_of(stderr: ChildStderr) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // Who no longer listens still wants the pipe drained.
            let _ = sender.send(line);
        }
    });
    lines
}

/// The address in a line of the log, without the colours a terminal would show.
fn address_in(line: &str) -> Option<SocketAddr> {
    let start = line.find("127.0.0.1:")?;
    let rest = &line[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit() && !".:".contains(c)).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}
