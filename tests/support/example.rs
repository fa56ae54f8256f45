//! An example as its user has it: a process, talked to through the port it names.

use std::net::SocketAddr;
use std::process::Command;

use rustix::process::Signal;

use crate::{Answer, Browser, Events, Program, Request, Socket};

/// An example on a port of its own; it is killed when this is dropped.
pub struct Example {
    program: Program,
    address: SocketAddr,
}

impl Example {
    /// Starts an example and waits for the line that says where it listens.
    pub fn start(name: &str, args: &[&str]) -> Self {
        let program = Program::start_ours(example(name).args(["--port", "0"]).args(args));
        let address = program.address();
        Self { program, address }
    }

    /// The address it listens on, the first that it named.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process.
    pub fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// A new connection.
    pub fn connect(&self) -> Browser {
        Browser::connect(self.address)
    }

    /// Connects with little room for what is not read.
    pub fn connect_narrow(&self) -> Browser {
        Browser::connect_narrow(self.address())
    }

    /// A WebSocket at `path`.
    #[track_caller]
    pub fn open(&self, path: &str) -> Socket {
        Socket::open(self.connect(), path)
    }

    /// A stream of events at `path`.
    #[track_caller]
    pub fn events(&self, path: &str) -> Events {
        Events::open(self.connect(), path)
    }

    /// A stream of events at `path`, behind the event of that id.
    #[track_caller]
    pub fn events_since(&self, path: &str, last_event_id: impl ToString) -> Events {
        Events::resume(self.connect(), path, last_event_id)
    }

    /// The answer to a request on a connection of its own.
    #[track_caller]
    pub fn ask(&self, request: &Request) -> Answer {
        self.connect().ask(request)
    }

    /// The answer to a GET on a connection of its own.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.ask(&Request::get(path))
    }

    /// The answer to a POST on a connection of its own.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        self.ask(&Request::post(path, body))
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        self.program.signal(Signal::TERM);
    }

    /// Expects it to leave in good order.
    #[track_caller]
    pub fn wait(self) {
        let (status, said) = self.program.end();
        assert!(status.success(), "the example ended with {status}:\n{said}");
    }

    /// Asks it to stop, and expects it to leave in good order.
    #[track_caller]
    pub fn stop(self) {
        self.terminate();
        self.wait();
    }
}

/// The command that runs an example, as if nobody had set anything in the environment.
///
/// `cargo test` builds the examples of a package before its tests, into a folder beside theirs;
/// asked for one test alone, it takes them as they are.
pub fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("a running test has a path");
    let built = test.ancestors().nth(2).expect("tests are built two folders deep");
    let mut command = Command::new(built.join("examples").join(name));
    command.env_remove("RUST_LOG").env_remove("CRAMPON_ENV");
    command
}
