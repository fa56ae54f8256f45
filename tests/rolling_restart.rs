//! A rolling restart under load: one process takes the place of another on a listener that both
//! inherit, again and again, and no client notices more than it is told.
//!
//! Nobody is refused, reset or left without an answer; streams are back within the time they were
//! told, each its own; whoever has a cursor hears every event of the process that gave it, and then
//! that there is a gap, for the log dies with its process.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use crampon::protocol::sse::Item;
use crampon_tests::{Browser, Events, Frame, Program, Request, Socket};
use rustix::process::Signal;
use serde_json::Value;

/// How often a process takes the place of another.
const RESTARTS: usize = 4;

/// Clients of each kind, but for streams of events.
const CLIENTS: usize = 4;

/// Streams of events: as many as it takes to see chance in when they come back.
const STREAMS: usize = 16;

/// The longest time to come back after that the server tells.
const RETRY_MAX: Duration = Duration::from_millis(500);

/// How long a client may take to be back after the time it was told: a busy machine's.
const SLACK: Duration = Duration::from_secs(2);

#[test]
fn nobody_is_refused_or_left_without_an_answer_while_processes_take_turns() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let mut server = start_on(&listener);
    let crowd = Crowd::gather(address);
    for _ in 0..RESTARTS {
        let successor = start_on(&listener);
        // Everybody is heard of by each process before the next one comes.
        crowd.wait_for_all();
        server.signal(Signal::TERM);
        let (status, log) = server.end();
        assert_eq!(status.code(), Some(0), "{log}");
        server = successor;
    }
    crowd.wait_for_all();
    let visits = crowd.disperse();
    assert!(visits.requests > 100, "{visits:?}");
    assert!(visits.streams >= STREAMS + CLIENTS, "each stream was ended by the first: {visits:?}");
    assert!(visits.gaps > 0, "{visits:?}");
    visits.expect_returns_spread();
    assert_eq!(server.terminate().code(), Some(0));
}

/// Starts a process on a listener that the test keeps, as systemd does.
fn start_on(listener: &TcpListener) -> Program {
    let listener = listener.try_clone().expect("descriptors are left");
    let mut command = Command::new(env!("CARGO_BIN_EXE_counter"));
    let mapping = FdMapping { parent_fd: listener.into(), child_fd: 3 };
    command.fd_mappings(vec![mapping]).expect("there is one descriptor");
    // A line for each request would only be in the way.
    let program =
        Program::start_ours(command.env("LISTEN_FDS", "1").env("RUST_LOG", "crampon=warn"));
    program.wait_for("listens on");
    program
}

/// What a client has been through.
#[derive(Clone, Debug, Default)]
struct Visits {
    requests: usize,
    streams: usize,
    gaps: usize,
    /// The times it was told to come back after.
    retries: Vec<Duration>,
}

impl Visits {
    /// Those who were ended together do not all come back together. More times differ
    /// than there are processes, so none has one time for all whom it ends.
    #[track_caller]
    fn expect_returns_spread(&self) {
        let retries = &self.retries;
        assert!(retries.len() >= STREAMS, "each was ended by the first: {retries:?}");
        let different: BTreeSet<_> = retries.iter().collect();
        assert!(different.len() > retries.len() / 2, "{retries:?}");
        assert!(different.len() > RESTARTS, "{retries:?}");
        let middle = (RETRY_MAX / 10 + RETRY_MAX) / 2;
        let early = retries.iter().filter(|retry| **retry < middle).count();
        assert!((1..retries.len()).contains(&early), "all in one half: {retries:?}");
    }
}

/// All clients, each in a thread of its own.
struct Crowd {
    is_over: Arc<AtomicBool>,
    clients: Vec<(JoinHandle<Visits>, Receiver<()>)>,
}

/// One client: where it goes, whether it is to go on, and whom it tells that it was served.
struct Client {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    served: Sender<()>,
    visits: Visits,
}

/// What a client does.
type Kind = fn(&mut Client);

impl Crowd {
    fn gather(address: SocketAddr) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let kinds: [(Kind, usize); 5] = [
            (Client::ask_anew, CLIENTS),
            (Client::ask_again, CLIENTS),
            (Client::follow_events, STREAMS),
            (Client::follow_socket, CLIENTS),
            (Client::poll, CLIENTS),
        ];
        let clients = kinds.into_iter().flat_map(|(kind, count)| std::iter::repeat_n(kind, count));
        let clients = clients.map(|kind| {
            let (served, hears) = channel();
            let is_over = is_over.clone();
            let mut client = Client { address, is_over, served, visits: Visits::default() };
            let thread = thread::spawn(move || {
                kind(&mut client);
                client.visits
            });
            (thread, hears)
        });
        let clients = clients.collect();
        Self { is_over, clients }
    }

    /// Waits until each client has been served some more.
    fn wait_for_all(&self) {
        for (_, served) in &self.clients {
            while served.try_recv().is_ok() {}
            for _ in 0..10 {
                if served.recv_timeout(Duration::from_secs(10)).is_err() {
                    // It has failed, and says why where it is waited for.
                    return;
                }
            }
        }
    }

    fn disperse(self) -> Visits {
        self.is_over.store(true, Ordering::Relaxed);
        let mut all = Visits::default();
        for (thread, _) in self.clients {
            let visits = thread.join().expect("every client is served");
            all.requests += visits.requests;
            all.streams += visits.streams;
            all.gaps += visits.gaps;
            all.retries.extend(visits.retries);
        }
        all
    }
}

impl Client {
    fn goes_on(&self) -> bool {
        // Nobody may be waiting for it to have been served.
        let _ = self.served.send(());
        !self.is_over.load(Ordering::Relaxed)
    }

    fn connect(&self) -> Browser {
        Browser::connect(self.address)
    }

    /// Each request on a connection of its own: none fails.
    fn ask_anew(&mut self) {
        let request = Request::get("/hello").header("connection", "close");
        while self.goes_on() {
            let mut browser = self.connect();
            assert_eq!(browser.ask(&request).text(), "hello");
            browser.expect_end();
            self.visits.requests += 1;
        }
    }

    /// One request after another on a connection. When that is closed before the answer begins the
    /// request is made once more on another (RFC 9112, section 9.3.1), where it does not fail.
    fn ask_again(&mut self) {
        let request = Request::get("/hello");
        let mut browser = self.connect();
        let mut is_fresh = true;
        while self.goes_on() {
            browser.pour(request.bytes());
            if browser.read_more() {
                let answer = browser.answer();
                assert_eq!(answer.text(), "hello");
                self.visits.requests += 1;
                is_fresh = answer.head.header_text("connection") == Some("close");
            } else {
                assert!(!is_fresh, "a new connection was closed without an answer");
                is_fresh = true;
            }
            if is_fresh {
                browser = self.connect();
            }
        }
    }

    /// A stream of events, with its cursor, and back when it was told to come back.
    fn follow_events(&mut self) {
        let mut cursor = None;
        let mut count = Count::default();
        loop {
            let back_since = Instant::now();
            let events = match &cursor {
                Some(cursor) => Events::resume(self.connect(), "/count", cursor),
                None => Events::open(self.connect(), "/count"),
            };
            assert!(
                back_since.elapsed() < SLACK,
                "it was answered after {:?}",
                back_since.elapsed()
            );
            let mut retry = None;
            for item in events {
                match item {
                    Item::Event(event) if event.event == "crampon.gap" => count.is_gap_told = true,
                    Item::Event(event) => {
                        count.hear(&event.data, cursor.is_some());
                        cursor = Some(event.id);
                        if !self.goes_on() {
                            self.visits.gaps += count.gaps;
                            return;
                        }
                    }
                    Item::Retry(after) => retry = Some(after),
                    Item::Comment(_) => {}
                }
            }
            let retry = retry.expect("it ends with a time to come back after");
            assert!((RETRY_MAX / 10..=RETRY_MAX).contains(&retry), "{retry:?}");
            self.visits.streams += 1;
            self.visits.retries.push(retry);
            thread::park_timeout(retry);
        }
    }

    /// A WebSocket, closed with 1001.
    fn follow_socket(&mut self) {
        loop {
            let mut socket = Socket::open(self.connect(), "/count");
            let mut count = Count::default();
            loop {
                match socket.receive() {
                    Frame::Text(text) => count.hear(&text, false),
                    frame => {
                        assert_eq!(frame.code(), Some(1001), "{frame:?}");
                        break;
                    }
                }
                if !self.goes_on() {
                    return;
                }
            }
            socket.close(1001, "");
            self.visits.streams += 1;
        }
    }

    /// Polls, each on a connection of its own, by their cursor.
    fn poll(&mut self) {
        let mut cursor: Option<String> = None;
        let mut count = Count::default();
        while self.goes_on() {
            let mut request = Request::get("/count")
                .header("accept", "application/json")
                .header("connection", "close");
            if let Some(cursor) = &cursor {
                request = request.header("last-event-id", cursor);
            }
            let answer = self.connect().ask(&request);
            self.visits.requests += 1;
            let is_resumed = cursor.is_some();
            if let Some(told) = answer.head.header_text("last-event-id") {
                cursor = Some(told.to_owned());
            }
            if answer.status() == 204 {
                continue;
            }
            let events: Vec<Value> = serde_json::from_str(answer.text()).expect("it is JSON");
            for event in events {
                match event["event"].as_str() {
                    Some("crampon.gap") => count.is_gap_told = true,
                    _ => count.hear(event["data"].as_str().expect("it is text"), is_resumed),
                }
            }
        }
        self.visits.gaps += count.gaps;
    }
}

/// How far one has heard the count of which process.
#[derive(Default)]
struct Count {
    process: u64,
    last: u64,
    is_gap_told: bool,
    gaps: usize,
}

impl Count {
    /// Hears a number: the next of its process, or any after a gap was told; one of another process
    /// comes without that only to who has no cursor.
    fn hear(&mut self, text: &str, has_cursor: bool) {
        let (process, number) = text.split_once(' ').expect("it is a process and a number");
        let process = process.parse().expect("it is a number");
        let number = number.parse().expect("it is a number");
        if self.is_gap_told {
            self.gaps += 1;
        } else if process == self.process {
            assert_eq!(number, self.last + 1, "of process {process}");
        } else {
            assert!(!has_cursor, "of process {process}, and no gap was told");
        }
        self.is_gap_told = false;
        self.process = process;
        self.last = number;
    }
}
