//! The loop as its users see it.

mod calls;
mod lives;
mod nested;
mod simulated;
mod sockets;
mod ticks;
mod timers;
mod weather;
mod work;

use std::time::Duration;

use super::*;

/// A handler that writes down what it is called for, and then follows its script.
struct Probe {
    log: Vec<String>,
    script: Script,
    timers: Vec<Timer>,
}

/// What a probe does about a line of its log.
type Script = fn(&mut Probe, &str, &mut Scope<'_>);

impl Probe {
    fn new(script: Script) -> Self {
        Self { log: Vec::new(), script, timers: Vec::new() }
    }

    /// A probe that only writes down.
    fn idle() -> Self {
        Self::new(|_, _, _| ())
    }

    fn note(&mut self, line: String, scope: &mut Scope<'_>) {
        (self.script)(self, &line, scope);
        self.log.push(line);
    }
}

impl Handler for Probe {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        let how = if event.revisited { "revisited" } else { "ready" };
        self.note(format!("{how} {}", event.key), scope);
    }

    fn expired(&mut self, _: Timer, key: u64, scope: &mut Scope<'_>) {
        self.note(format!("expired {key}"), scope);
    }

    fn settle(&mut self, scope: &mut Scope<'_>) {
        self.note("settle".to_owned(), scope);
    }
}

/// A simulated loop with one probe that follows `script`.
fn probed(script: Script) -> (Reactor, Handle<Probe>) {
    let (mut reactor, _) = Reactor::simulated(0);
    let probe = add(&mut reactor, script);
    (reactor, probe)
}

fn add(reactor: &mut Reactor, script: Script) -> Handle<Probe> {
    reactor.add(|_| Ok(Probe::new(script))).expect("a probe needs nothing")
}

/// Does something to a handler that is there.
fn with<H: Handler, T>(
    reactor: &mut Reactor,
    handle: &Handle<H>,
    errand: impl FnOnce(&mut H, &mut Scope<'_>) -> T,
) -> T {
    reactor.with(handle, errand).expect("the handler is there")
}

/// What a probe has written down since it was last asked, without settling.
fn log(reactor: &mut Reactor, probe: &Handle<Probe>) -> Vec<String> {
    let log = with(reactor, probe, |probe, _| std::mem::take(&mut probe.log));
    reactor.commons.roster.take_unsettled(&mut Vec::new());
    reactor.commons.roster.settled(probe.line.key);
    log
}

/// One tick that does not wait.
fn tick(reactor: &mut Reactor) {
    reactor.turn(Some(Duration::ZERO)).expect("the selector works");
}

/// Turns until `is_done`, for what takes the system a moment.
fn turn_until(reactor: &mut Reactor, mut is_done: impl FnMut(&mut Reactor) -> bool) {
    let end = Instant::now() + seconds(10);
    while !is_done(reactor) {
        assert!(Instant::now() < end, "nothing came of it in 10 s");
        reactor.turn(Some(millis(100))).expect("the selector works");
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
