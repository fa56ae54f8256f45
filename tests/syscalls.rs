//! What a message costs in system calls: one to read it, one to write the answer, and for a batch
//! no more.
//!
//! The server runs under `strace`; its calls are counted by connection.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use crampon_tests::{Browser, Program, Request, Socket, heard, said};
use rustix::process::{Pid, Signal, kill_process};

#[test]
fn an_echo_is_one_read_and_one_write() {
    let house = House::open("echo");
    let mut viewer = house.websocket("/echo");
    for _ in 0..100 {
        viewer.send(said("hello"));
        expect(&mut viewer, &heard("hello"));
    }
    let calls = house.close(vec![viewer]);
    assert_eq!(calls[0], Calls { reads: OPENING + 100 + END, writes: OPENING + 100 });
}

#[test]
fn sixteen_messages_at_once_are_one_read_and_one_write() {
    let house = House::open("pipelined");
    let mut viewer = house.websocket("/echo");
    for _ in 0..10 {
        viewer.send(said("hello").repeat(16));
        expect(&mut viewer, &heard("hello").repeat(16));
    }
    let calls = house.close(vec![viewer]);
    assert_eq!(calls[0], Calls { reads: OPENING + 10 + END, writes: OPENING + 10 });
}

#[test]
fn sixteen_publishes_in_a_tick_are_one_write_to_each_viewer_of_whatever_kind() {
    let house = House::open("publishes");
    let mut socket = house.websocket("/feed");
    let mut stream = house.stream("/feed");
    let mut publisher = house.websocket("/publish");
    for _ in 0..10 {
        publisher.send(said("news").repeat(16));
        expect(&mut socket, &heard("news").repeat(16));
        expect(&mut stream, &b"data: news\n\n".repeat(16));
    }
    let calls = house.close(vec![socket, stream, publisher]);
    assert_eq!(calls[0], Calls { reads: OPENING + END, writes: OPENING + 10 }, "a WebSocket");
    assert_eq!(calls[1], Calls { reads: OPENING + END, writes: OPENING + 10 }, "an event stream");
    assert_eq!(calls[2], Calls { reads: OPENING + 10 + END, writes: OPENING }, "the publisher");
}

#[test]
fn a_stream_begins_with_its_head_and_what_was_missed_in_one_write() {
    let house = House::open("beginning");
    let mut speaker = house.websocket("/speak");
    let mut first = house.stream("/news");
    for number in 1..=3 {
        speaker.send(said(&number.to_string()));
        first.take_until(&format!("data: {number}\n\n"));
    }
    let mut stream = house.stream("/news");
    stream.take_until("data: 3\n\n");
    let mut socket = house.websocket("/news");
    expect(&mut socket, &[heard("1"), heard("2"), heard("3")].concat());
    let calls = house.close(vec![speaker, first, stream, socket]);
    assert_eq!(calls[2], Calls { reads: OPENING + END, writes: OPENING }, "an event stream");
    assert_eq!(calls[3], Calls { reads: OPENING + END, writes: OPENING }, "a WebSocket");
}

#[test]
fn sixteen_requests_at_once_are_one_read_and_one_write() {
    let house = House::open("requests");
    let mut viewer = house.connect();
    let request = Request::get("/hello");
    assert_eq!(viewer.ask(&request).text(), "Hello World!");
    for _ in 0..10 {
        viewer.send(request.bytes().repeat(16));
        for _ in 0..16 {
            assert_eq!(viewer.answer().text(), "Hello World!");
        }
    }
    let calls = house.close(vec![viewer]);
    assert_eq!(calls[0], Calls { reads: OPENING + 10 + END, writes: OPENING + 10 });
}

/// Reads and writes of an opening: the request, and what it is answered.
const OPENING: usize = 1;

/// Reads of an end: the one that finds it.
const END: usize = 1;

/// The connection that waited for the server to serve.
const FIRST: usize = 1;

/// The calls that `strace` is to write down. What is set on a connection counts as a write, so
/// that nothing is: it is inherited from the listener.
const WATCHED_CALLS: &str =
    "trace=accept4,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,setsockopt";

/// A server under `strace`.
struct House {
    strace: Program,
    server: Pid,
    address: SocketAddr,
    trace: Trace,
}

/// System calls on one connection.
#[derive(Debug, Default, PartialEq, Eq)]
struct Calls {
    reads: usize,
    writes: usize,
}

impl House {
    fn open(name: &str) -> Self {
        let trace = Trace::new(name);
        let mut command = Command::new("strace");
        command.args(["-f", "-e", WATCHED_CALLS, "-o"]).arg(&trace.0);
        let strace = Program::start(command.arg(env!("CARGO_BIN_EXE_subject")), "strace");
        let greeting = strace.wait_for(" listens on ");
        let (id, address) = greeting.split_once(" listens on ").expect("it was waited for");
        let server = Pid::from_raw(id.parse().expect("it names its id")).expect("it is not zero");
        let address = address.parse().expect("it names its address");
        // It says so before it serves, and who comes before that is welcomed with more ado.
        let mut first = Browser::connect(address);
        first.get("/nowhere");
        first.answer();
        Self { strace, server, address, trace }
    }

    fn connect(&self) -> Browser {
        Browser::connect(self.address)
    }

    /// A viewer of events, whose head has come.
    fn stream(&self, path: &str) -> Browser {
        let mut viewer = self.connect();
        viewer.send(Request::get(path).header("accept", "text/event-stream").bytes());
        viewer.head();
        viewer
    }

    fn websocket(&self, path: &str) -> Browser {
        Socket::open(self.connect(), path).into_browser()
    }

    /// Hangs up all viewers, stops the server, and tells the calls on each connection.
    fn close(self, viewers: Vec<Browser>) -> Vec<Calls> {
        for viewer in &viewers {
            viewer.half_close();
        }
        for mut viewer in viewers {
            viewer.take_all();
        }
        kill_process(self.server, Signal::TERM).expect("the server runs");
        let (status, said) = self.strace.end();
        assert!(status.success(), "the server ended with {status}: {said}");
        count(&self.trace.text()).split_off(FIRST)
    }
}

/// The file that `strace` writes, removed with the test.
struct Trace(PathBuf);

impl Trace {
    fn new(name: &str) -> Self {
        let file = format!("crampon-{}-{name}.strace", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.0).expect("`strace` wrote it")
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // Before `strace` has begun there is none.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Counts the calls on each accepted connection, in the order they were accepted in.
fn count(trace: &str) -> Vec<Calls> {
    let mut connections: Vec<(&str, Calls)> = Vec::new();
    for line in trace.lines() {
        // "4711 sendto(8, ...) = 127"
        let Some((name, arguments)) = line.split_once('(') else { continue };
        let name = name.rsplit(' ').next().unwrap_or_default();
        if name == "accept4" {
            let descriptor = line.rsplit("= ").next().unwrap_or_default();
            if descriptor.bytes().all(|byte| byte.is_ascii_digit()) {
                connections.push((descriptor, Calls::default()));
            }
            continue;
        }
        let descriptor = arguments.split([',', ')']).next().unwrap_or_default();
        let known = connections.iter_mut().rev().find(|(known, _)| *known == descriptor);
        let Some((_, calls)) = known else { continue };
        match name {
            "read" | "readv" | "recvfrom" | "recvmsg" => calls.reads += 1,
            _ => calls.writes += 1,
        }
    }
    connections.into_iter().map(|(_, calls)| calls).collect()
}

#[track_caller]
fn expect(viewer: &mut Browser, bytes: &[u8]) {
    assert_eq!(viewer.take(bytes.len()), bytes);
}
