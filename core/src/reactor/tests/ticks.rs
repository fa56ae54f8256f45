//! The tick: its phases in their order, and what waits for the next.

use std::io::Write;

use super::*;

/// A simulated loop with a probe that holds one wire, registered under 7.
fn wired(script: Script) -> (Reactor, Handle<Wired>, Peer) {
    let (mut reactor, simulation) = Reactor::simulated(0);
    let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
    let peer = simulation.connect(([10, 0, 0, 1], 80).into()).expect("somebody listens");
    let handle = reactor
        .add(|scope| {
            let (mut stream, _) = listener.accept()?;
            let source = scope.register(&mut stream, 7, Interest::READABLE)?;
            Ok(Wired { probe: Probe::new(script), source, _stream: stream })
        })
        .expect("the wire is there");
    (reactor, handle, peer)
}

struct Wired {
    probe: Probe,
    source: Source,
    _stream: Stream,
}

impl Handler for Wired {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        assert_eq!(event.source, self.source);
        self.probe.ready(event, scope);
    }

    fn expired(&mut self, timer: Timer, key: u64, scope: &mut Scope<'_>) {
        self.probe.expired(timer, key, scope);
    }

    fn settle(&mut self, scope: &mut Scope<'_>) {
        self.probe.settle(scope);
    }
}

fn taken(reactor: &mut Reactor, handle: &Handle<Wired>) -> Vec<String> {
    with(reactor, handle, |wired, _| std::mem::take(&mut wired.probe.log))
}

#[test]
fn the_phases_come_in_a_fixed_order() {
    let (mut reactor, handle, peer) = wired(|_, _, _| ());
    handle.post(|wired, _| wired.probe.log.push("called".to_owned())).expect("it is there");
    with(&mut reactor, &handle, |_, scope| scope.after(Duration::ZERO, 3));
    peer.send(b"x");
    tick(&mut reactor);
    assert_eq!(taken(&mut reactor, &handle), ["ready 7", "expired 3", "called", "settle"]);
}

#[test]
fn new_work_waits_for_the_next_round() {
    let (mut reactor, probe) = probed(|probe, line, scope| match line {
        "expired 1" => {
            scope.after(Duration::ZERO, 2);
            scope
                .handle::<Probe>()
                .post(|probe, scope| probe.note("call 1".into(), scope))
                .unwrap();
        }
        "call 1" => {
            scope
                .handle::<Probe>()
                .post(|probe, scope| probe.note("call 2".into(), scope))
                .unwrap();
        }
        "settle" if probe.log.len() == 2 => scope.again(),
        _ => (),
    });
    with(&mut reactor, &probe, |_, scope| scope.after(Duration::ZERO, 1));
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["expired 1", "call 1", "settle"]);
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["expired 2", "call 2", "settle"]);
    tick(&mut reactor);
    assert!(log(&mut reactor, &probe).is_empty());
}

#[test]
fn a_handler_is_settled_once_a_tick_and_only_if_it_was_called() {
    let (mut reactor, busy) = probed(|_, _, _| ());
    let idle = add(&mut reactor, |_, _, _| ());
    for _ in 0..3 {
        busy.post(|_, _| ()).expect("it is there");
    }
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &busy), ["settle"]);
    assert!(log(&mut reactor, &idle).is_empty());
}

#[test]
fn a_handler_that_wants_it_again_is_settled_without_a_wait() {
    let (mut reactor, probe) = probed(|probe, line, scope| {
        if line == "settle" && probe.log.len() < 2 {
            scope.again();
        }
    });
    let start = reactor.now();
    probe.post(|_, _| ()).expect("it is there");
    for _ in 0..3 {
        reactor.turn(Some(seconds(60))).expect("a simulated wait ends");
    }
    assert_eq!(reactor.now(), start);
    assert_eq!(log(&mut reactor, &probe), ["settle"; 3]);
}

#[test]
fn again_keeps_the_next_wait_short_whenever_it_is_asked() {
    let (mut reactor, probe) = probed(|_, line, scope| {
        if line.starts_with("expired") {
            scope.again();
            scope.again();
        }
    });
    with(&mut reactor, &probe, |_, scope| scope.after(Duration::ZERO, 1));
    let start = reactor.now();
    reactor.turn(Some(seconds(60))).expect("a simulated wait ends");
    reactor.turn(Some(seconds(60))).expect("a simulated wait ends");
    assert_eq!(reactor.now(), start);
    assert_eq!(log(&mut reactor, &probe), ["expired 1", "settle", "settle"]);
}

#[test]
fn a_handler_is_settled_after_something_was_done_to_it_between_ticks() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    let start = reactor.now();
    with(&mut reactor, &probe, |_, _| ());
    reactor.turn(Some(seconds(60))).expect("a simulated wait ends");
    assert_eq!(reactor.now(), start);
    assert_eq!(log(&mut reactor, &probe), ["settle"]);
}

#[test]
fn a_revisit_comes_once_and_without_a_wait() {
    let (mut reactor, handle, _peer) = wired(|_, _, _| ());
    with(&mut reactor, &handle, |wired, scope| {
        scope.revisit(wired.source);
        scope.revisit(wired.source);
    });
    let start = reactor.now();
    reactor.turn(Some(seconds(60))).expect("a simulated wait ends");
    assert_eq!(reactor.now(), start);
    assert_eq!(taken(&mut reactor, &handle), ["revisited 7", "settle"]);
}

#[test]
fn an_event_that_comes_first_is_the_revisit() {
    let (mut reactor, handle, peer) = wired(|_, _, _| ());
    with(&mut reactor, &handle, |wired, scope| scope.revisit(wired.source));
    peer.send(b"x");
    tick(&mut reactor);
    assert_eq!(taken(&mut reactor, &handle), ["revisited 7", "settle"]);
    tick(&mut reactor);
    assert_eq!(taken(&mut reactor, &handle), ["settle"]);
}

#[test]
fn an_event_on_its_way_to_a_source_that_went_is_dropped() {
    let (mut reactor, handle, peer) = wired(|_, _, _| ());
    with(&mut reactor, &handle, |wired, scope| scope.release(wired.source));
    peer.send(b"x");
    tick(&mut reactor);
    assert_eq!(taken(&mut reactor, &handle), ["settle"]);
}

#[test]
fn an_event_does_not_reach_the_source_that_took_the_place_of_its_own() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let probe = add(&mut reactor, |_, _, _| ());
    let (mut first, mut first_far) = Stream::pair().expect("descriptors are left");
    let (mut second, mut second_far) = Stream::pair().expect("descriptors are left");
    with(&mut reactor, &probe, |_, scope| {
        let source = scope.register(&mut first, 1, Interest::READABLE).expect("it is new");
        // Released but not closed, the selector goes on to tell of it under its old name.
        scope.release(source);
        scope.register(&mut second, 2, Interest::READABLE).expect("it is new");
    });
    assert_eq!(reactor.commons.sources.len(), 1);
    first_far.write_all(b"x").expect("there is room");
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["settle"]);
    second_far.write_all(b"x").expect("there is room");
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["ready 2", "settle"]);
}

#[test]
fn a_stopped_loop_ends_its_tick_and_makes_no_more() {
    let (mut reactor, probe) = probed(|_, line, scope| {
        if line == "expired 1" {
            scope.stop();
        }
    });
    with(&mut reactor, &probe, |_, scope| {
        scope.after(Duration::ZERO, 1);
        scope.every(seconds(1), 2);
    });
    reactor.run().expect("it is stopped");
    assert_eq!(log(&mut reactor, &probe), ["expired 1", "settle"]);
    assert_eq!(reactor.turn(None).ok(), Some(false));
}

#[test]
fn a_loop_with_no_handler_left_is_over() {
    let (mut reactor, probe) = probed(|_, _, scope| scope.remove());
    with(&mut reactor, &probe, |_, scope| scope.after(seconds(1), 1));
    reactor.run().expect("the only handler goes");
    assert!(reactor.with(&probe, |_, _| ()).is_none());
}

#[test]
fn a_tick_is_as_long_as_it_holds_the_loop() {
    let (mut reactor, simulation) = Reactor::simulated(0);
    let held = simulation.clone();
    let worker = reactor.add(|scope| {
        scope.after(seconds(1), 0);
        Ok(Holder { simulation: held })
    });
    let worker = worker.expect("it needs nothing");
    reactor.advance(seconds(10)).expect("the loop comes to rest");
    let ticks = with(&mut reactor, &worker, |_, scope| scope.load().ticks);
    assert_eq!(ticks.total(), millis(30), "waiting is not counted");
    assert_eq!(ticks.longest(), millis(30));
}

/// Holds the loop for a while when its timer fires.
struct Holder {
    simulation: Simulation,
}

impl Handler for Holder {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}

    fn expired(&mut self, _: Timer, _: u64, _: &mut Scope<'_>) {
        self.simulation.stall(millis(30));
    }
}

#[test]
fn a_load_is_all_that_is_armed_registered_and_waiting() {
    let (mut reactor, simulation) = Reactor::simulated(0);
    let probe = add(&mut reactor, |_, _, _| ());
    reactor.hold_work(true);
    let mut listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("it is free");
    let load = with(&mut reactor, &probe, |_, scope| {
        let timer = scope.after(seconds(1), 0);
        scope.every(seconds(1), 1);
        scope.every(seconds(1), 2);
        scope.cancel(timer);
        scope.register(&mut listener, 3, Interest::READABLE).expect("it is on this loop");
        scope.work(|| (), |_: &mut Probe, _, _| ()).expect("there is room");
        scope.handle::<Probe>().post(|_, _| ()).expect("the loop lives");
        scope.load()
    });
    assert_eq!((load.sources, load.timers, load.jobs_waiting, load.calls_waiting), (1, 2, 1, 1));
}
