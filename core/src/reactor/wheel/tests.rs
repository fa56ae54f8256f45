//! What the wheel promises, and a model it is held against.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

fn expired<T: Copy>(wheel: &mut Wheel<T>, now: u64) -> Vec<T> {
    let mut due = Vec::new();
    wheel.expire(now, &mut due);
    due.into_iter().filter_map(|timer| wheel.fire(timer, now)).collect()
}

#[test]
fn a_timer_fires_at_its_deadline_and_not_a_nanosecond_before() {
    for delay in [0, 1, 250_000, MS, 17 * MS, SECOND, 70 * SECOND, 90_000 * SECOND, u64::MAX] {
        let mut wheel = Wheel::new();
        wheel.once(delay, "once");
        assert_eq!(wheel.nearest(), Some(delay));
        if delay > 0 {
            assert!(expired(&mut wheel, delay - 1).is_empty(), "{delay} early");
        }
        assert_eq!(expired(&mut wheel, delay), ["once"], "{delay}");
        assert_eq!((wheel.nearest(), wheel.len()), (None, 0));
    }
}

#[test]
fn timers_fire_in_the_order_of_their_deadlines() {
    let mut wheel = Wheel::new();
    for deadline in [9 * SECOND, 3, 2, 300_000, 5 * MS, 1, SECOND, 4 * MS] {
        wheel.once(deadline, deadline);
    }
    let order = expired(&mut wheel, 10 * SECOND);
    assert_eq!(order, [1, 2, 3, 300_000, 4 * MS, 5 * MS, SECOND, 9 * SECOND]);
}

#[test]
fn a_timer_cancelled_by_another_of_its_batch_does_not_fire() {
    let mut wheel = Wheel::new();
    wheel.once(1, "first");
    let second = wheel.every(0, MS, "second");
    let mut due = Vec::new();
    wheel.expire(MS, &mut due);
    assert_eq!(wheel.fire(due[0], MS), Some("first"));
    assert!(wheel.cancel(second));
    assert_eq!(wheel.fire(due[1], MS), None);
    assert!(!wheel.cancel(second), "cancelled once");
}

#[test]
fn the_name_of_a_timer_does_not_reach_its_successor() {
    let mut wheel = Wheel::new();
    let first = wheel.once(1, "first");
    assert!(wheel.cancel(first));
    let second = wheel.once(1, "second");
    assert_eq!(first.node, second.node);
    assert!(!wheel.cancel(first));
    assert_eq!(expired(&mut wheel, 1), ["second"]);
}

#[test]
fn a_periodic_timer_fires_at_the_multiples_of_its_period_for_a_day() {
    const PERIOD: u64 = 1_234_567_891;
    let mut wheel = Wheel::new();
    wheel.every(17, PERIOD, ());
    let mut count = 0;
    while let Some(now) = wheel.nearest().filter(|&at| at <= 86_400 * SECOND) {
        count += expired(&mut wheel, now).len() as u64;
        assert_eq!(now, 17 + count * PERIOD);
    }
    assert_eq!(count, (86_400 * SECOND - 17) / PERIOD);
}

#[test]
fn a_late_periodic_timer_fires_once_and_then_at_its_next_multiple() {
    let mut wheel = Wheel::new();
    wheel.every(0, 10 * MS, ());
    assert_eq!(expired(&mut wheel, 57 * MS).len(), 1);
    assert_eq!(wheel.nearest(), Some(60 * MS));
    assert_eq!(expired(&mut wheel, 80 * MS).len(), 1);
    assert_eq!(wheel.nearest(), Some(90 * MS));
}

#[test]
fn a_period_of_nothing_is_a_millisecond() {
    let mut wheel = Wheel::new();
    wheel.every(5, 0, ());
    assert_eq!(wheel.nearest(), Some(5 + PERIOD_MIN.get()));
}

#[test]
fn a_period_past_the_end_of_time_waits_there() {
    let mut wheel = Wheel::new();
    wheel.every(SECOND, u64::MAX, ());
    assert_eq!(wheel.nearest(), Some(u64::MAX));
    assert_eq!(expired(&mut wheel, u64::MAX).len(), 1);
    assert_eq!(wheel.nearest(), Some(u64::MAX));
}

#[test]
fn a_million_timers_are_ordinary() {
    let mut wheel = Wheel::new();
    let timers: Vec<_> =
        (0..1_000_000_u64).map(|n| wheel.once(n * 7_919 % (60 * SECOND), n)).collect();
    assert_eq!(wheel.len(), 1_000_000);
    for timer in timers.iter().step_by(2) {
        assert!(wheel.cancel(*timer));
    }
    let fired = expired(&mut wheel, 60 * SECOND);
    assert_eq!(fired.len(), 500_000);
    assert!(fired.iter().all(|n| n % 2 == 1));
    assert_eq!(wheel.len(), 0);
}

#[derive(Clone, Debug)]
enum Step {
    Once(u64),
    Every(u64),
    Cancel(usize),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let span = || prop_oneof![0..2 * MS, 0..3 * SECOND, 0..400_000 * SECOND, any::<u64>()];
    prop_oneof![
        4 => span().prop_map(Step::Once),
        1 => (MS..3 * SECOND).prop_map(Step::Every),
        2 => any::<usize>().prop_map(Step::Cancel),
        4 => prop_oneof![0..MS, 0..SECOND, 0..100_000 * SECOND].prop_map(Step::Advance),
    ]
}

proptest! {
    /// The wheel and an ordered map of deadlines agree on what fires, when, and what is next.
    #[test]
    fn the_wheel_behaves_like_an_ordered_map(steps in prop::collection::vec(step(), 1..200)) {
        let mut wheel = Wheel::new();
        let mut model: BTreeMap<(u64, usize), u64> = BTreeMap::new();
        let mut timers = Vec::new();
        let mut now = 0_u64;
        for step in steps {
            match step {
                Step::Once(delay) => {
                    let deadline = now.saturating_add(delay);
                    model.insert((deadline, timers.len()), 0);
                    timers.push(wheel.once(deadline, timers.len()));
                }
                Step::Every(period) => {
                    model.insert((now + period, timers.len()), period);
                    timers.push(wheel.every(now, period, timers.len()));
                }
                Step::Cancel(_) if timers.is_empty() => {}
                Step::Cancel(pick) => {
                    let pick = pick % timers.len();
                    let armed = model.keys().find(|&&(_, name)| name == pick).copied();
                    prop_assert_eq!(wheel.cancel(timers[pick]), armed.is_some());
                    armed.map(|key| model.remove(&key));
                }
                Step::Advance(by) => {
                    now += by;
                    let later = model.split_off(&(now.saturating_add(1), 0));
                    let due = std::mem::replace(&mut model, later);
                    let mut fired = expired(&mut wheel, now);
                    let mut last = 0;
                    for name in &fired {
                        let deadline = due.keys().find(|key| key.1 == *name).map(|key| key.0);
                        prop_assert!(deadline >= Some(last), "out of order or not due");
                        last = deadline.unwrap_or(last);
                    }
                    fired.sort_unstable();
                    let mut expected: Vec<_> = due.keys().map(|key| key.1).collect();
                    expected.sort_unstable();
                    prop_assert_eq!(fired, expected);
                    for ((deadline, name), period) in due.into_iter().filter(|due| due.1 > 0) {
                        let next = deadline + period * ((now - deadline) / period + 1);
                        model.insert((next, name), period);
                    }
                }
            }
            let nearest = model.keys().next().map(|key| key.0);
            prop_assert!(wheel.nearest() <= nearest.or(wheel.nearest()));
            prop_assert_eq!(wheel.nearest().is_some(), nearest.is_some());
            prop_assert_eq!(wheel.len(), model.len());
        }
    }
}
