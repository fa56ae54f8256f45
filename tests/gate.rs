//! A proxy between browsers and a server that can be told what not to let through.
//!
//! It carries one request a connection, so that each is seen; a browser's next request opens
//! another. Its address stays, whatever server it leads to, and whether one is there or not.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use Obstacle::{Held, Refused};

/// How long what a test waits for at the gate may take.
///
/// 40 s: more than the client's longest pause between two attempts.
const GATE_PATIENCE: Duration = Duration::from_secs(40);

/// Bytes of a request's head at most.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// What a proxy of the kind that lets nothing through answers.
const REFUSAL: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 18\r\n\
                       connection: close\r\n\r\n<h1>Forbidden</h1>";

/// What a browser asks for, as a proxy can see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Socket,
    Events,
    Poll,
    /// A page, a module, something posted.
    Other,
}

impl Kind {
    fn of(head: &str) -> Self {
        let has = |what| head.to_ascii_lowercase().contains(what);
        if has("\r\nupgrade: websocket\r\n") {
            Self::Socket
        } else if has("\r\naccept: text/event-stream\r\n") {
            Self::Events
        } else if has("\r\naccept: application/json\r\n") {
            Self::Poll
        } else {
            Self::Other
        }
    }
}

/// What becomes of requests that do not get through.
#[derive(Clone, Copy, Debug)]
pub enum Obstacle {
    /// They are answered with the proxy's own page.
    Refused,
    /// They are never answered, as by a proxy that waits for the end of an endless stream.
    Held,
}

/// The proxy; what it carries is cut when this is dropped.
pub struct Gate {
    address: SocketAddr,
    ways: Arc<Ways>,
}

/// What the gate's threads share.
struct Ways {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    server: SocketAddr,
    obstacles: Vec<(Kind, Obstacle)>,
    /// The heads of all requests so far.
    asked: Vec<(Kind, String)>,
    /// What is carried now, by the place of its request in `asked`.
    carried: Vec<(usize, TcpStream)>,
}

impl Gate {
    /// A gate on a free port before `server`.
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        let state = State { server, obstacles: vec![], asked: vec![], carried: vec![] };
        let ways = Arc::new(Ways { state: Mutex::new(state), changed: Condvar::new() });
        let shared = ways.clone();
        thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                let ways = shared.clone();
                // A connection that breaks is what gates are for.
                thread::spawn(move || ways.carry(browser).ok());
            }
        });
        Self { address, ways }
    }

    /// The address of a path behind the gate.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Leads to another server from now on.
    pub fn lead_to(&self, server: SocketAddr) {
        self.ways.state().server = server;
    }

    /// Answers requests of this kind with a page of its own, from now on.
    pub fn refuse(&self, kind: Kind) {
        self.ways.state().obstacles.push((kind, Refused));
    }

    /// Leaves requests of this kind without an answer, from now on.
    pub fn hold(&self, kind: Kind) {
        self.ways.state().obstacles.push((kind, Held));
    }

    /// Lets requests of this kind through again.
    pub fn allow(&self, kind: Kind) {
        self.ways.state().obstacles.retain(|(stopped, _)| *stopped != kind);
    }

    /// Cuts all it carries.
    pub fn cut(&self) {
        for (_, browser) in self.ways.state().carried.drain(..) {
            // It may have been closed already.
            drop(browser.shutdown(Shutdown::Both));
        }
        self.ways.changed.notify_all();
    }

    /// How many requests of this kind there were.
    pub fn asked(&self, kind: Kind) -> usize {
        self.ways.state().asked(kind).count()
    }

    /// The head of the last request of this kind.
    pub fn last_asked(&self, kind: Kind) -> String {
        let state = self.ways.state();
        state.asked(kind).next_back().expect("it was asked for").to_owned()
    }

    /// Waits until there have been so many requests of this kind.
    #[track_caller]
    pub fn wait_until_asked(&self, kind: Kind, times: usize) {
        self.wait(|state| state.asked(kind).count() >= times, &format!("{times} times {kind:?}"));
    }

    /// Waits until these are the lines it carries, and no others.
    #[track_caller]
    pub fn wait_for_lines(&self, lines: &[Kind]) {
        self.wait(|state| state.lines() == lines, &format!("{lines:?}"));
    }

    #[track_caller]
    fn wait(&self, holds: impl Fn(&State) -> bool, what: &str) {
        let waits = |state: &mut State| !holds(state);
        let state = self.ways.state();
        let waited = self.ways.changed.wait_timeout_while(state, GATE_PATIENCE, waits);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        let kinds: Vec<Kind> = state.asked.iter().map(|(kind, _)| *kind).collect();
        assert!(!waited.timed_out(), "no {what}: {:?} of {kinds:?}", state.lines());
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.cut();
    }
}

impl State {
    fn asked(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &str> {
        self.asked.iter().filter(move |(asked, _)| *asked == kind).map(|(_, head)| &**head)
    }

    /// What is carried now but pages and posts.
    fn lines(&self) -> Vec<Kind> {
        let kinds = self.carried.iter().map(|(request, _)| self.asked[*request].0);
        kinds.filter(|kind| *kind != Kind::Other).collect()
    }
}

impl Ways {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries one request and what follows from it, both ways, to the end.
    fn carry(&self, mut browser: TcpStream) -> io::Result<()> {
        let (head, rest) = read_head(&mut browser)?;
        let kind = Kind::of(&head);
        let (request, server, obstacle) = {
            let mut state = self.state();
            let stopped = state.obstacles.iter().find(|(stopped, _)| *stopped == kind);
            let obstacle = stopped.map(|(_, obstacle)| *obstacle);
            let request = state.asked.len();
            state.asked.push((kind, head.clone()));
            if obstacle.is_none() {
                state.carried.push((request, browser.try_clone()?));
            }
            (request, state.server, obstacle)
        };
        self.changed.notify_all();
        match obstacle {
            Some(Refused) => browser.write_all(REFUSAL.as_bytes()),
            Some(Held) => io::copy(&mut browser, &mut io::sink()).map(drop),
            None => {
                let carried = pass_on(&browser, server, &head, &rest);
                drop(browser.shutdown(Shutdown::Both));
                self.state().carried.retain(|(carried, _)| *carried != request);
                self.changed.notify_all();
                carried
            }
        }
    }
}

/// Reads a request's head, and what came of its body with it.
fn read_head(browser: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let rest = head.split_off(end + 4);
            let head = String::from_utf8(head).map_err(io::Error::other)?;
            return Ok((head, rest));
        }
        let bytes = browser.read(&mut part)?;
        if bytes == 0 || head.len() > HEAD_BYTES_MAX {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&part[..bytes]);
    }
}

fn pass_on(browser: &TcpStream, server: SocketAddr, head: &str, rest: &[u8]) -> io::Result<()> {
    let mut server = TcpStream::connect(server)?;
    // The next request is to come on a connection of its own.
    let head = head.replace("\r\nConnection: keep-alive\r\n", "\r\nConnection: close\r\n");
    server.write_all(head.as_bytes())?;
    server.write_all(rest)?;
    thread::scope(|scope| {
        scope.spawn(|| {
            drop(io::copy(&mut &*browser, &mut &server));
            drop(server.shutdown(Shutdown::Both));
        });
        let carried = io::copy(&mut &server, &mut &*browser);
        drop(browser.shutdown(Shutdown::Both));
        carried.map(drop)
    })
}
