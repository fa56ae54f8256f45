//! Calls from other threads.

use std::sync::Barrier;
use std::thread;

use super::*;

#[test]
fn calls_come_in_the_order_they_were_posted() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    for n in 0..3 {
        probe.post(move |probe, _| probe.log.push(format!("call {n}"))).expect("it is there");
    }
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["call 0", "call 1", "call 2", "settle"]);
}

#[test]
fn any_number_of_calls_wakes_the_loop_once() {
    let (mut reactor, simulation) = Reactor::simulated(0);
    let probe = add(&mut reactor, |_, _, _| ());
    for round in 1..4 {
        for _ in 0..1_000 {
            probe.post(|_, _| ()).expect("it is there");
        }
        assert_eq!(simulation.wakes(), round);
        tick(&mut reactor);
    }
}

#[test]
fn a_call_wakes_a_loop_that_waits() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let probe = add(&mut reactor, |_, _, _| ());
    let caller = probe.clone();
    let thread = thread::spawn(move || caller.post(|_, scope| scope.stop()));
    reactor.run().expect("the selector works");
    assert_eq!(thread.join().ok(), Some(Ok(())));
}

#[test]
fn no_call_from_any_thread_is_lost() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let probe = add(&mut reactor, |_, _, _| ());
    let start = Barrier::new(4);
    thread::scope(|threads| {
        for _ in 0..4 {
            let (caller, start) = (probe.clone(), &start);
            threads.spawn(move || {
                start.wait();
                for _ in 0..1_000 {
                    caller.post(|probe, _| probe.log.push("call".into())).expect("it is there");
                }
            });
        }
        let mut calls = 0;
        turn_until(&mut reactor, |reactor| {
            calls += log(reactor, &probe).iter().filter(|line| *line == "call").count();
            calls == 4_000
        });
    });
}

#[test]
fn a_call_to_a_handler_that_has_gone_goes_nowhere() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    let _another = add(&mut reactor, |_, _, _| ());
    with(&mut reactor, &probe, |_, scope| scope.remove());
    let successor = add(&mut reactor, |_, _, _| ());
    assert_eq!(probe.line.key.slot, successor.line.key.slot);
    assert_eq!(probe.post(|probe, _| probe.log.push("stray".into())), Err(PostError::Gone));
    tick(&mut reactor);
    assert!(log(&mut reactor, &successor).is_empty());
}

#[test]
fn a_call_on_its_way_when_its_handler_goes_is_dropped() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    probe.post(|_, scope| scope.remove()).expect("it is there");
    probe.post(|_, _| panic!("the handler has gone")).expect("it is there yet");
    tick(&mut reactor);
    assert!(reactor.with(&probe, |_, _| ()).is_none());
}

#[test]
fn a_call_to_a_loop_that_has_gone_is_refused() {
    let (reactor, probe) = probed(|_, _, _| ());
    let dropped = probe.clone();
    // A call that posts as it is dropped finds the mailbox closed, and not locked.
    let poster = Poster(dropped);
    probe.post(move |_, _| drop(poster)).expect("it is there");
    drop(reactor);
    assert_eq!(probe.post(|_, _| ()), Err(PostError::Gone));
}

#[test]
fn so_many_calls_may_wait_and_one_more_is_an_error_to_who_posts_it() {
    let calls_max = Settings::default().calls_max;
    let (mut reactor, probe) = probed(|_, _, _| ());
    for _ in 0..calls_max {
        probe.post(|_, _| ()).expect("there is room");
    }
    let full = PostError::Full { waiting: calls_max };
    assert_eq!(probe.post(|_, _| ()), Err(full));
    // Results of work come on top: they have places of their own.
    with(&mut reactor, &probe, |_, scope| {
        let came = |probe: &mut Probe, _, _: &mut Scope<'_>| probe.log.push("result".into());
        scope.work(|| (), came).expect("there is a place for work");
    });
    tick(&mut reactor);
    assert!(log(&mut reactor, &probe).contains(&"result".to_owned()));
    probe.post(|_, _| ()).expect("there is room again");
}

#[test]
fn a_call_there_is_no_room_for_may_post_as_it_is_dropped() {
    let (_reactor, probe) = probed(|_, _, _| ());
    while probe.post(|_, _| ()).is_ok() {}
    let again = Again(probe.clone());
    assert!(probe.post(move |_, _| drop(again)).is_err(), "and the mailbox is not locked by it");
}

struct Again(Handle<Probe>);

impl Drop for Again {
    fn drop(&mut self) {
        assert!(self.0.post(|_, _| ()).is_err());
    }
}

struct Poster(Handle<Probe>);

impl Drop for Poster {
    fn drop(&mut self) {
        assert_eq!(self.0.post(|_, _| ()), Err(PostError::Gone));
    }
}

#[test]
fn a_handle_means_nothing_to_another_loop() {
    let (_reactor, probe) = probed(|_, _, _| ());
    let (mut other, _) = probed(|_, _, _| ());
    assert!(other.with(&probe, |_, _| ()).is_none());
}

#[test]
#[should_panic(expected = "is not a `crampon::reactor::tests::calls::Other`")]
fn a_handle_of_another_type_is_not_given_out() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    with(&mut reactor, &probe, |_, scope| scope.handle::<Other>());
}

struct Other;

impl Handler for Other {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}
}

#[test]
fn handles_and_streams_may_go_to_other_threads() {
    fn may_go<T: Send>() {}
    may_go::<Handle<Probe>>();
    may_go::<Stream>();
    may_go::<Listener>();
}

#[test]
fn who_insists_is_heard_by_a_loop_that_is_behind() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    let full = std::iter::repeat_with(|| probe.post(|_, _| ())).find_map(Result::err);
    assert!(matches!(full, Some(PostError::Full { .. })), "{full:?}");
    let insisted = probe.insist(|probe, _| probe.log.push("heard".into()));
    assert_eq!(insisted, Ok(()));
    tick(&mut reactor);
    assert!(log(&mut reactor, &probe).contains(&"heard".into()));
}
