//! Shedding: in a crowd event streams become polls, and nobody misses anything.

use std::collections::HashMap;
use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};
use proptest::prelude::*;

const NEWS: Channel = Channel::new("news").history(1000);

/// Hears the news.
#[action(transport = websocket | sse | long_polling)]
struct Reader;

#[callbacks]
impl Reader {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(NEWS);
    }
}

/// Hears the news, and what nobody keeps.
#[action(transport = sse)]
struct Gossip;

#[callbacks]
impl Gossip {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(NEWS);
        cx.subscribe("gossip");
    }
}

/// Answers at once.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World!");
        cx.finish();
    }
}

fn house(set: impl FnOnce(&mut Limits)) -> World {
    let routes = Routes::new().at("/", || Reader).at("/gossip", || Gossip).at("/hello", || Hello);
    World::with(routes, |server| server.limits(set))
}

fn crowd(world: &World, count: usize) -> Vec<Trial> {
    (0..count).map(|_| world.events("/")).collect()
}

fn resumed(cursor: &str) -> Visit {
    let visit = Visit::events("/");
    if cursor.is_empty() { visit } else { visit.header("last-event-id", cursor) }
}

#[test]
fn over_the_soft_limit_a_stream_tells_what_there_is_and_when_to_come_back() {
    let world = house(|limits| limits.connections_soft_max = Some(3));
    let mut others = crowd(&world, 3);
    let mut newcomer = world.events("/");
    let retry = match &newcomer.heard()[..] {
        [Heard::Retry(retry), Heard::End] => *retry,
        heard => panic!("it is ended at once: {heard:?}"),
    };
    let allowed = Duration::from_millis(500)..=Duration::from_secs(5);
    assert!(allowed.contains(&retry), "{retry:?}");
    newcomer.expect_status(200).expect_finish(FinishReason::Finished);
    let cursor = newcomer.last_event_id();
    assert!(!cursor.is_empty(), "it knows where it stands");

    world.publish(NEWS, "one").publish(NEWS, "two");
    let mut back = world.visit(resumed(&cursor));
    back.expect_event("message", "one").expect_event("message", "two");
    assert!(matches!(back.heard()[..], [Heard::Retry(_), Heard::End]));
    for other in &mut others {
        other.expect_event("message", "one").expect_event("message", "two").expect_nothing();
    }

    others[0].hang_up();
    let mut back = world.visit(resumed(&back.last_event_id()));
    back.expect_nothing().expect_no_finish();
    world.publish(NEWS, "three");
    back.expect_event("message", "three").expect_nothing();
}

#[test]
fn no_two_are_told_to_come_back_at_the_same_time() {
    let world = house(|limits| limits.connections_soft_max = Some(0));
    let retries: Vec<_> = (0..20).map(|_| world.events("/").heard().swap_remove(0)).collect();
    let first = &retries[0];
    assert!(retries.iter().any(|retry| retry != first), "{retries:?}");
}

#[test]
fn who_is_sent_away_has_heard_a_long_past_to_its_end() {
    let world = house(|limits| limits.connections_soft_max = Some(0));
    let cursor = world.events("/").last_event_id();
    let text = |number: usize| format!("{number} {:x>2000}", "");
    for number in 0..500 {
        world.publish(NEWS, text(number));
    }
    let mut back = world.connect();
    back.wire().set_window(Some(10_000));
    let target = format!("GET /?last-event-id={cursor} HTTP/1.1\r\nHost: trial.test\r\n");
    back.send_bytes(format!("{target}Accept: text/event-stream\r\n\r\n").as_bytes());
    back.expect_no_finish();
    back.wire().set_window(None);
    world.advance(Duration::ZERO);
    for number in 0..500 {
        back.expect_event("message", &text(number));
    }
    assert!(matches!(back.heard()[..], [Heard::Retry(_), Heard::End]));
}

#[test]
fn streams_that_would_lose_something_and_other_transports_stay() {
    let world = house(|limits| limits.connections_soft_max = Some(0));
    let mut gossip = world.events("/gossip");
    let mut socket = world.socket("/");
    let mut poll = world.get("/");
    world.publish("gossip", "overheard").publish(NEWS, "one");
    gossip.expect_event("message", "overheard").expect_event("message", "one").expect_no_finish();
    socket.expect_render("one").expect_no_finish();
    poll.expect_status(200).expect_render("one");
    world.get("/hello").expect_status(200);
}

#[test]
fn who_was_there_before_the_crowd_stays() {
    let world = house(|limits| limits.connections_soft_max = Some(2));
    let mut early = crowd(&world, 2);
    let late: Vec<_> = (0..5).map(|_| world.socket("/")).collect();
    early[0].wire().set_window(Some(0));
    for number in 0..50 {
        world.publish(NEWS, format!("{number} {:x>2000}", ""));
    }
    early[0].wire().set_window(None);
    world.advance(Duration::from_secs(60));
    for reader in &mut early {
        assert_eq!(reader.heard().iter().filter_map(Heard::rendered).count(), 50);
        reader.expect_no_finish();
    }
    drop(late);
}

#[test]
fn over_the_hard_limit_new_connections_are_turned_away_and_old_ones_served() {
    let world = house(|limits| limits.connections_max = Some(3));
    let mut there = world.get("/hello");
    there.expect_status(200).expect_render("Hello World!").expect_end();
    let mut readers = crowd(&world, 2);
    for visit in [Visit::get("/hello"), Visit::events("/"), Visit::socket("/"), Visit::get("/?x")] {
        let mut refused = world.visit(visit);
        refused.expect_status(503).expect_header("connection", "close").expect_no_finish();
        let seconds = refused.header("retry-after").and_then(|seconds| seconds.parse().ok());
        assert!(matches!(seconds, Some(1..=5)), "{seconds:?}");
        assert!(refused.wire().is_closed(), "it makes room at once");
    }
    there.again(Visit::get("/hello")).expect_status(200).expect_render("Hello World!");
    let waits = world.connect();
    readers.pop();
    world.advance(Duration::ZERO);
    let mut waits = waits;
    waits.again(Visit::get("/hello")).expect_status(200);
    world.publish(NEWS, "one");
    readers[0].expect_event("message", "one");
}

/// A viewer as a browser's `EventSource` is: it comes back when it was told to.
struct Faithful {
    trial: Trial,
    retry: Duration,
    back_at: Option<Duration>,
    heard: Vec<String>,
    joined_at: usize,
}

impl Faithful {
    fn arrive(world: &World, joined_at: usize) -> Self {
        let trial = world.events("/");
        let retry = Duration::from_secs(3);
        Self { trial, retry, back_at: None, heard: Vec::new(), joined_at }
    }

    /// Hears what there is at `now`, and comes back if it is time for it.
    fn live(&mut self, world: &World, now: Duration) {
        if self.back_at.is_some_and(|at| at <= now) {
            self.back_at = None;
            self.trial = world.visit(resumed(&self.trial.last_event_id()));
        }
        for heard in self.trial.heard() {
            match heard {
                Heard::Event { name, data, .. } => {
                    assert_eq!(name, "message", "{data}");
                    self.heard.push(data);
                }
                Heard::Retry(retry) => self.retry = retry,
                Heard::End => self.back_at = Some(now + self.retry),
                Heard::Comment(_) => {}
                other => panic!("an event stream says no {other:?}"),
            }
        }
    }
}

const VIEWERS: usize = 50;
const SOFT_MAX: usize = 10;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn fifty_viewers_with_places_for_ten_hear_all_in_order_and_once(
        steps in prop::collection::vec((0_u64..900, 0_usize..4), 20..60),
    ) {
        let world = house(|limits| limits.connections_soft_max = Some(SOFT_MAX));
        let mut viewers: Vec<Faithful> = Vec::new();
        let (mut now, mut said) = (Duration::ZERO, 0);
        for (millis, publishes) in steps {
            if viewers.len() < VIEWERS {
                viewers.extend((0..5).map(|_| Faithful::arrive(&world, said)));
            }
            for _ in 0..publishes {
                world.publish(NEWS, said.to_string());
                said += 1;
            }
            let step = Duration::from_millis(millis);
            world.advance(step);
            now += step;
            viewers.iter_mut().for_each(|viewer| viewer.live(&world, now));
        }
        let are_away = viewers.iter().filter(|viewer| viewer.back_at.is_some()).count();
        prop_assert!(are_away >= viewers.len() - SOFT_MAX);

        // The ten who have places leave; the others come back and stay, as many as there is room.
        viewers.iter_mut().filter(|viewer| viewer.back_at.is_none()).for_each(|viewer| {
            viewer.live(&world, now);
            viewer.trial.hang_up();
        });
        for _ in 0..12 {
            let step = Duration::from_millis(500);
            world.advance(step);
            now += step;
            let away = viewers.iter_mut().filter(|viewer| viewer.back_at.is_some());
            away.for_each(|viewer| viewer.live(&world, now));
        }
        let mut counts = HashMap::new();
        for viewer in &viewers {
            let expected: Vec<_> = (viewer.joined_at..said).map(|said| said.to_string()).collect();
            prop_assert_eq!(&viewer.heard, &expected);
            *counts.entry(viewer.back_at.is_some()).or_insert(0) += 1;
        }
        prop_assert_eq!(counts[&true], viewers.len() - 2 * SOFT_MAX, "ten have left, ten stay");
    }
}
