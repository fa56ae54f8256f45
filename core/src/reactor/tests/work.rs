//! Blocking work and its results.

use std::sync::mpsc;
use std::thread;

use super::*;

fn told(probe: &mut Probe, result: Result<u32, WorkError>, _: &mut Scope<'_>) {
    probe.log.push(match result {
        Ok(number) => format!("result {number}"),
        Err(error) => error.to_string(),
    });
}

#[test]
fn a_result_comes_back_to_the_loop_from_another_thread() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let probe = add(&mut reactor, |_, _, _| ());
    let here = thread::current().id();
    with(&mut reactor, &probe, |_, scope| {
        let job = move || thread::current().id() != here;
        scope.work(job, |probe: &mut Probe, elsewhere, scope| {
            probe.log.push(format!("elsewhere: {elsewhere:?}"));
            scope.stop();
        })
    })
    .expect("the pool has room");
    reactor.run().expect("the selector works");
    assert!(log(&mut reactor, &probe).contains(&"elsewhere: Ok(true)".to_owned()));
}

#[test]
fn a_job_that_panics_says_so() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    with(&mut reactor, &probe, |_, scope| scope.work(|| panic!("no such file"), told))
        .expect("the pool has room");
    reactor.advance(Duration::ZERO).expect("it comes to rest");
    assert_eq!(log(&mut reactor, &probe), ["the work panicked: `no such file`", "settle"]);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let settings = Settings { pool_threads: 1, pool_queue: 1, ..Settings::default() };
    let mut reactor = Reactor::with_settings(settings).expect("descriptors are left");
    let probe = add(&mut reactor, |_, _, _| ());
    let (begun, has_begun) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let held = move || {
        begun.send(()).expect("the test waits for it");
        let _ = may_go.recv();
        1
    };
    with(&mut reactor, &probe, |_, scope| scope.work(held, told)).expect("it runs");
    has_begun.recv().expect("it has begun");
    with(&mut reactor, &probe, |_, scope| scope.work(|| 2, told)).expect("it waits");
    let refused = with(&mut reactor, &probe, |_, scope| scope.work(|| 3, told));
    assert_eq!(refused, Err(QueueFull { waiting: 1 }));
    drop(go);

    let mut lines = Vec::new();
    turn_until(&mut reactor, |reactor| {
        lines.extend(log(reactor, &probe));
        lines.retain(|line| line != "settle");
        lines.len() == 2
    });
    assert_eq!(lines, ["result 1", "result 2"]);
}

#[test]
fn simulated_work_is_done_in_the_next_wait_and_told_after_it() {
    let (mut reactor, probe) = probed(|_, line, scope| {
        if line == "expired 1" {
            scope.work(|| 7, told).expect("the pool has room");
        }
    });
    with(&mut reactor, &probe, |_, scope| scope.after(Duration::ZERO, 1));
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["expired 1", "settle"]);
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["result 7", "settle"]);
}

#[test]
fn simulated_work_has_a_full_queue_too() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    let queue = Settings::default().pool_queue;
    let taken = with(&mut reactor, &probe, |_, scope| {
        (0..=queue).map(|_| scope.work(|| 1, told)).filter(Result::is_ok).count()
    });
    assert_eq!(taken, queue);
}

#[test]
fn a_result_for_a_handler_that_has_gone_is_dropped() {
    let (mut reactor, probe) = probed(|_, _, _| ());
    let _bystander = add(&mut reactor, |_, _, _| ());
    with(&mut reactor, &probe, |_, scope| {
        scope.remove();
        scope.work(|| 1, |_: &mut Probe, _, _| panic!("the handler has gone"))
    })
    .expect("the pool has room");
    reactor.advance(seconds(1)).expect("it comes to rest");
}
