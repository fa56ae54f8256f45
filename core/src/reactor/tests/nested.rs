//! A loop inside another.

use std::io::Write;

use mio::unix::SourceFd;
use mio::{Events, Poll, Token};

use super::*;

/// A loop around ours: it waits for our descriptor or our deadline, then gives us a turn.
struct Outer {
    poll: Poll,
    events: Events,
    inner: Reactor,
}

impl Outer {
    fn around(inner: Reactor) -> Self {
        let poll = Poll::new().expect("descriptors are left");
        let descriptor = inner.as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&descriptor), Token(0), Interest::READABLE)
            .expect("a selector can be waited for");
        Self { poll, events: Events::with_capacity(8), inner }
    }

    /// Waits as the inner loop would; `true` if it was for an event and not for the deadline.
    fn turn(&mut self) -> bool {
        let patience = self
            .inner
            .deadline()
            .map_or(seconds(10), |deadline| deadline.saturating_duration_since(Instant::now()));
        self.poll.poll(&mut self.events, Some(patience)).expect("the outer selector works");
        tick(&mut self.inner);
        !self.events.is_empty()
    }
}

#[test]
fn the_outer_loop_hears_of_the_inner_loop_s_events_calls_and_timers() {
    let mut inner = Reactor::new().expect("descriptors are left");
    let (mut near, mut far) = Stream::pair().expect("descriptors are left");
    let probe = inner
        .add(|scope| {
            scope.register(&mut near, 1, Interest::READABLE)?;
            Ok(Probe::idle())
        })
        .expect("the stream is there");
    let mut outer = Outer::around(inner);

    far.write_all(b"x").expect("there is room");
    assert!(outer.turn(), "an event");
    assert_eq!(log(&mut outer.inner, &probe), ["ready 1", "settle"]);

    probe.post(|probe, _| probe.log.push("called".into())).expect("it is there");
    assert_eq!(outer.inner.deadline().map(|at| at <= Instant::now()), Some(true));
    outer.turn();
    assert_eq!(log(&mut outer.inner, &probe), ["called", "settle"]);

    with(&mut outer.inner, &probe, |_, scope| scope.after(millis(5), 9));
    tick(&mut outer.inner);
    log(&mut outer.inner, &probe);
    while log(&mut outer.inner, &probe) != ["expired 9", "settle"] {
        assert!(outer.inner.deadline().is_some(), "the timer is still to come");
        outer.turn();
    }
}

#[test]
fn a_call_from_another_thread_wakes_the_outer_loop() {
    let mut inner = Reactor::new().expect("descriptors are left");
    let probe = add(&mut inner, |_, _, _| ());
    let mut outer = Outer::around(inner);
    let caller = probe.clone();
    let start = Instant::now();
    let thread =
        std::thread::spawn(move || caller.post(|probe, _| probe.log.push("called".into())));
    let mut lines = Vec::new();
    while lines.is_empty() {
        outer.turn();
        lines = log(&mut outer.inner, &probe);
    }
    assert_eq!(lines, ["called", "settle"]);
    assert!(start.elapsed() < seconds(10), "woken, not timed out");
    assert_eq!(thread.join().ok(), Some(Ok(())));
}

#[test]
#[should_panic(expected = "a simulated loop has no descriptor")]
fn a_simulated_loop_has_no_descriptor() {
    Reactor::simulated(0).0.as_raw_fd();
}

#[test]
#[should_panic(expected = "only a simulated loop's clock can be moved")]
fn the_system_s_clock_cannot_be_moved() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    drop(reactor.advance(seconds(1)));
}
