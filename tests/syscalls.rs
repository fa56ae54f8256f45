//! What a message costs in system calls: one to read it, one to write the answer, and for a batch
//! no more.
//!
//! The server runs in a child of this test under `strace`; its calls are counted by connection.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use crampon::prelude::*;
use crampon::reactor::Reactor;

#[test]
fn an_echo_is_one_read_and_one_write() {
    let mut house = House::open("echo");
    let mut viewer = house.websocket("/echo");
    for _ in 0..100 {
        viewer.write_all(&frame("hello")).expect("the server reads");
        expect(&mut viewer, &unmasked("hello"));
    }
    let calls = house.close(vec![viewer]);
    assert_eq!(calls[0], Calls { reads: OPENING + 100 + END, writes: OPENING + 100 });
}

#[test]
fn sixteen_messages_at_once_are_one_read_and_one_write() {
    let mut house = House::open("pipelined");
    let mut viewer = house.websocket("/echo");
    for _ in 0..10 {
        viewer.write_all(&frame("hello").repeat(16)).expect("the server reads");
        expect(&mut viewer, &unmasked("hello").repeat(16));
    }
    let calls = house.close(vec![viewer]);
    assert_eq!(calls[0], Calls { reads: OPENING + 10 + END, writes: OPENING + 10 });
}

#[test]
fn sixteen_publishes_in_a_tick_are_one_write_to_each_viewer_of_whatever_kind() {
    let mut house = House::open("publishes");
    let mut socket = house.websocket("/feed");
    let mut stream = house.ask("/feed", "Accept: text/event-stream\r\n");
    let mut publisher = house.websocket("/publish");
    for _ in 0..10 {
        publisher.write_all(&frame("news").repeat(16)).expect("the server reads");
        expect(&mut socket, &unmasked("news").repeat(16));
        expect(&mut stream, &b"data: news\n\n".repeat(16));
    }
    let calls = house.close(vec![socket, stream, publisher]);
    assert_eq!(calls[0], Calls { reads: OPENING + END, writes: OPENING + 10 }, "a WebSocket");
    assert_eq!(calls[1], Calls { reads: OPENING + END, writes: OPENING + 10 }, "an event stream");
    assert_eq!(calls[2], Calls { reads: OPENING + 10 + END, writes: OPENING }, "the publisher");
}

#[test]
fn sixteen_requests_at_once_are_one_read_and_one_write() {
    let mut house = House::open("requests");
    let mut viewer = house.ask("/hello", "");
    expect(&mut viewer, b"Hello World!");
    let requests = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(16);
    for _ in 0..10 {
        viewer.write_all(&requests).expect("the server reads");
        for _ in 0..16 {
            read_head(&mut viewer);
            expect(&mut viewer, b"Hello World!");
        }
    }
    let calls = house.close(vec![viewer]);
    assert_eq!(calls[0], Calls { reads: OPENING + 10 + END, writes: OPENING + 10 });
}

/// Not a test: the server that the others watch.
#[test]
#[ignore = "the others run it, under strace"]
fn the_server_that_is_watched() {
    if std::env::var_os(WATCHED).is_none() {
        return;
    }
    let routes = Routes::new()
        .at("/echo", || Echo)
        .at("/feed", || Feed)
        .at("/publish", || Publish)
        .at("/hello", || Hello);
    let mut reactor = Reactor::new().expect("descriptors are left");
    let server = Server::bind("127.0.0.1:0").expect("a port is free");
    let running = server.attach(&mut reactor, routes).expect("the routes are good");
    println!("\n{GREETING}{}", running.local_addr().expect("it listens on TCP"));
    std::thread::spawn(move || {
        let until_it_is_closed = std::io::stdin().read_to_end(&mut Vec::new());
        until_it_is_closed.expect("the test holds the other end");
        running.stop().expect("it runs");
    });
    reactor.run().expect("the selector works");
}

/// Reads and writes of an opening: the request, and what it is answered.
const OPENING: usize = 1;

/// Reads of an end: the one that finds it.
const END: usize = 1;

/// Set for the child that is to be the server.
const WATCHED: &str = "CRAMPON_TEST_WATCHED";

/// The calls that `strace` is to write down.
const WATCHED_CALLS: &str = "trace=accept4,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg";

/// What comes before the address in the line in which the server says it.
const GREETING: &str = "it listens on ";

/// Says back what it hears.
#[action(transport = websocket)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Hears the feed.
#[action(transport = websocket | sse)]
struct Feed;

#[callbacks]
impl Feed {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("feed");
    }
}

/// Publishes what it hears on the feed.
#[action(transport = websocket)]
struct Publish;

#[callbacks]
impl Publish {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish("feed", text);
    }
}

/// Answers and is done.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World!");
        cx.finish();
    }
}

/// A server under `strace`.
struct House {
    server: Child,
    /// What it prints, kept open for what is still to come.
    says: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
    trace: PathBuf,
}

/// System calls on one connection.
#[derive(Debug, Default, PartialEq, Eq)]
struct Calls {
    reads: usize,
    writes: usize,
}

impl House {
    fn open(name: &str) -> Self {
        let trace = format!("crampon-{}-{name}.strace", std::process::id());
        let trace = std::env::temp_dir().join(trace);
        let mut server = Command::new("strace")
            .args(["-f", "-e", WATCHED_CALLS, "-o"])
            .arg(&trace)
            .arg(std::env::current_exe().expect("the test runs from a file"))
            .args(["--ignored", "--exact", "the_server_that_is_watched", "--nocapture"])
            .env(WATCHED, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`strace` runs; install it, for instance with `apt-get install strace`");
        let mut says = BufReader::new(server.stdout.take().expect("it is piped")).lines();
        let address = says
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix(GREETING)?.parse().ok())
            .expect("the server says where it listens");
        Self { server, says, address, trace }
    }

    /// A viewer whose request is answered with a head.
    fn ask(&mut self, path: &str, headers: &str) -> TcpStream {
        let mut viewer = TcpStream::connect(self.address).expect("the server listens");
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        viewer.write_all(head.as_bytes()).expect("the server reads");
        read_head(&mut viewer);
        viewer
    }

    fn websocket(&mut self, path: &str) -> TcpStream {
        self.ask(
            path,
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        )
    }

    /// Hangs up all viewers, stops the server, and tells the calls on each connection.
    fn close(mut self, viewers: Vec<TcpStream>) -> Vec<Calls> {
        for viewer in &viewers {
            viewer.shutdown(std::net::Shutdown::Write).expect("it is connected");
        }
        for mut viewer in viewers {
            viewer.read_to_end(&mut Vec::new()).expect("the server closes too");
        }
        drop(self.server.stdin.take());
        self.says.by_ref().for_each(drop);
        let status = self.server.wait().expect("it was started");
        assert!(status.success(), "the server ended with {status}");
        let trace = std::fs::read_to_string(&self.trace).expect("`strace` wrote it");
        std::fs::remove_file(&self.trace).expect("it was there");
        count(&trace)
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

fn read_head(viewer: &mut TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        viewer.read_exact(&mut byte).expect("the server answers");
        head.push(byte[0]);
    }
}

fn expect(viewer: &mut TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    viewer.read_exact(&mut got).expect("the server answers");
    assert_eq!(got, bytes);
}

/// A text message as a client sends it: masked, with a mask that changes nothing.
fn frame(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// A text message as a server sends it.
fn unmasked(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81, text.len() as u8];
    bytes.extend_from_slice(text.as_bytes());
    bytes
}
