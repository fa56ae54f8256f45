//! A loop of ours with one load on it, run for a while.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crampon::reactor::mio::net::TcpStream as NonBlocking;
use crampon::reactor::{Handle, Handler, Reactor, Readiness, Scope, Stream};

use crate::histogram::Histogram;
use crate::opening::SILENCE_MAX;

/// What a run came to.
pub struct Tally {
    pub units: u64,
    /// From asking to hearing.
    pub late: Histogram,
}

impl Tally {
    pub fn new() -> Self {
        Self { units: 0, late: Histogram::new() }
    }
}

/// Something that keeps a server busy.
pub trait Load: 'static {
    /// Begins, to ask for nothing new from `until` on.
    ///
    /// # Errors
    /// When a connection is lost.
    fn begin(&mut self, until: Instant, scope: &mut Scope<'_>) -> io::Result<()>;

    /// Hears of an event on one of its connections.
    ///
    /// # Errors
    /// When a connection is lost, or what came was not what was asked for.
    fn attend(&mut self, event: Readiness, scope: &mut Scope<'_>) -> io::Result<()>;

    /// Whether all that was asked is answered, and nothing new will be.
    fn is_over(&self) -> bool;

    /// What it has come to.
    fn tally(&mut self) -> &mut Tally;
}

/// A load and the loop it lives on.
pub struct Crowd<L: Load> {
    reactor: Reactor,
    member: Handle<Member<L>>,
    progress: Rc<Progress>,
}

/// A load as it lives on the loop.
struct Member<L> {
    load: L,
    fault: Option<io::Error>,
    progress: Rc<Progress>,
}

/// How far a load has come: to be looked at without a call, after which a loop does not wait.
#[derive(Default)]
struct Progress {
    units: Cell<u64>,
    is_over: Cell<bool>,
}

impl<L: Load> Crowd<L> {
    /// Puts a load on a loop.
    ///
    /// # Errors
    /// Those of `build`.
    pub fn gather(build: impl FnOnce(&mut Scope<'_>) -> io::Result<L>) -> io::Result<Self> {
        let mut reactor = Reactor::new()?;
        let progress = Rc::<Progress>::default();
        let seen = progress.clone();
        let member =
            reactor.add(|scope| Ok(Member { load: build(scope)?, fault: None, progress: seen }))?;
        Ok(Self { reactor, member, progress })
    }

    /// Does something with the load.
    pub fn with<T>(&mut self, errand: impl FnOnce(&mut L, &mut Scope<'_>) -> T) -> T {
        let errand =
            |member: &mut Member<L>, scope: &mut Scope<'_>| errand(&mut member.load, scope);
        self.reactor.with(&self.member, errand).expect("the load stays on its loop")
    }

    /// Keeps the server busy for so long, and ends with nothing in flight.
    ///
    /// # Errors
    /// When a connection is lost, or the server has been silent for too long.
    pub fn run(&mut self, length: Duration) -> io::Result<Tally> {
        let began = Instant::now();
        self.progress.is_over.set(false);
        self.with(|load, scope| load.begin(began + length, scope))?;
        let (mut seen, mut heard_at) = (0, began);
        while !self.progress.is_over.get() {
            self.reactor.turn(Some(GLANCE))?;
            let units = self.progress.units.get();
            if units != seen {
                (seen, heard_at) = (units, Instant::now());
            } else if heard_at.elapsed() > SILENCE_MAX {
                let silent = format!("silent after {seen} answers, the last one maybe in part");
                return Err(io::Error::new(ErrorKind::TimedOut, silent));
            }
        }
        let end = |member: &mut Member<L>, _: &mut Scope<'_>| match member.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(std::mem::replace(member.load.tally(), Tally::new())),
        };
        self.reactor.with(&self.member, end).expect("the load stays on its loop")
    }
}

impl<L: Load> Handler for Member<L> {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        if let Err(error) = self.load.attend(event, scope) {
            self.fault.get_or_insert(error);
        }
    }

    fn settle(&mut self, _: &mut Scope<'_>) {
        self.progress.units.set(self.load.tally().units);
        self.progress.is_over.set(self.load.is_over() || self.fault.is_some());
    }
}

/// How long is waited before it is looked whether anything happens.
const GLANCE: Duration = Duration::from_millis(100);

/// A connection as the loop takes it.
///
/// # Errors
/// What the system says.
pub fn non_blocking(stream: TcpStream) -> io::Result<Stream> {
    stream.set_nonblocking(true)?;
    Ok(Stream::Tcp(NonBlocking::from_std(stream)))
}
