//! Timers on the loop.

use super::*;

#[test]
fn a_timer_fires_on_the_system_s_clock_and_never_early() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let probe = add(&mut reactor, |_, line, scope| {
        if line.starts_with("expired") {
            scope.stop();
        }
    });
    let start = Instant::now();
    with(&mut reactor, &probe, |_, scope| scope.after(millis(20), 1));
    reactor.run().expect("the selector works");
    assert!(start.elapsed() >= millis(20));
}

#[test]
fn a_simulated_day_of_a_periodic_timer_has_no_drift() {
    let (mut reactor, probe) = probed(|probe, line, scope| {
        if line.starts_with("expired") {
            probe.log.push(format!("{:?}", scope.now()));
        }
    });
    let start = reactor.now();
    with(&mut reactor, &probe, |_, scope| scope.every(millis(1_700), 1));
    reactor.advance(seconds(86_400)).expect("it comes to rest");
    let instants: Vec<_> =
        log(&mut reactor, &probe).into_iter().filter(|line| line.starts_with("Instant")).collect();
    assert_eq!(instants.len(), 86_400_000 / 1_700);
    for (n, instant) in (1..).zip(instants) {
        assert_eq!(instant, format!("{:?}", start + millis(1_700) * n));
    }
    assert_eq!(reactor.now(), start + seconds(86_400));
}

#[test]
fn a_timer_armed_as_another_fires_waits_for_the_next_round() {
    let (mut reactor, probe) = probed(|_, line, scope| {
        if line == "expired 1" {
            scope.after(Duration::ZERO, 2);
        }
    });
    with(&mut reactor, &probe, |_, scope| scope.after(seconds(1), 1));
    reactor.advance(seconds(1)).expect("it comes to rest");
    let rounds = ["settle", "expired 1", "settle", "expired 2", "settle"];
    assert_eq!(log(&mut reactor, &probe), rounds);
}

#[test]
fn a_timer_cancelled_in_the_round_it_came_due_does_not_fire() {
    let (mut reactor, probe) = probed(|probe, line, scope| {
        if line == "expired 1" {
            assert!(scope.cancel(probe.timers[1]));
            assert!(!scope.cancel(probe.timers[0]), "it fires as we speak");
        }
    });
    with(&mut reactor, &probe, |probe, scope| {
        probe.timers = vec![scope.after(seconds(1), 1), scope.every(seconds(1), 2)];
    });
    reactor.advance(seconds(5)).expect("it comes to rest");
    assert_eq!(log(&mut reactor, &probe), ["settle", "expired 1", "settle"]);
}

#[test]
fn a_periodic_timer_may_cancel_itself() {
    let (mut reactor, probe) = probed(|probe, line, scope| {
        if line == "expired 1" && probe.log.len() > 2 {
            assert!(scope.cancel(probe.timers[0]));
        }
    });
    with(&mut reactor, &probe, |probe, scope| probe.timers = vec![scope.every(seconds(1), 1)]);
    reactor.advance(seconds(9)).expect("it comes to rest");
    let rounds = ["settle", "expired 1", "settle", "expired 1", "settle"];
    assert_eq!(log(&mut reactor, &probe), rounds);
}

#[test]
fn the_timers_of_a_handler_go_with_it() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    let bystander = add(&mut reactor, |_, _, _| ());
    with(&mut reactor, &probe, |_, scope| {
        scope.every(seconds(1), 1);
        scope.remove();
    });
    let successor = add(&mut reactor, |_, _, _| ());
    reactor.advance(seconds(5)).expect("it comes to rest");
    assert!(log(&mut reactor, &bystander).is_empty());
    assert!(log(&mut reactor, &successor).is_empty());
    assert_eq!(reactor.commons.wheel.len(), 0);
}

#[test]
fn the_deadline_is_that_of_the_nearest_timer_or_now_if_work_waits() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    assert_eq!(reactor.deadline(), None);
    with(&mut reactor, &probe, |_, scope| {
        scope.after(seconds(9), 1);
        scope.after(seconds(2), 2);
    });
    assert_eq!(reactor.deadline(), Some(reactor.now()), "the probe is unsettled");
    tick(&mut reactor);
    assert_eq!(reactor.deadline(), Some(reactor.now() + seconds(2)));
}

#[test]
fn a_delay_past_the_end_of_time_is_waited_for() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    with(&mut reactor, &probe, |_, scope| {
        scope.after(Duration::MAX, 1);
        scope.every(Duration::MAX, 2);
    });
    reactor.advance(seconds(3_600)).expect("it comes to rest");
    assert_eq!(log(&mut reactor, &probe), ["settle"]);
}
