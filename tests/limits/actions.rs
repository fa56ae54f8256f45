//! Actions: how many channels and timers one may have, and how long it may take to answer.

use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::reactor::Reactor;
use crampon::trial::{Heard, Visit};

use super::Scene;

/// Subscribes to so many channels as it starts, and to one more for each message.
#[action(transport = websocket | sse | long_polling)]
struct Collector;

#[callbacks]
impl Collector {
    #[on_start]
    fn collect(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        for number in 0..cx.param("count")? {
            cx.subscribe(format!("channel {number}"));
        }
        Ok(())
    }

    #[on_data]
    fn more(&mut self, cx: &mut Context<Self>, name: &str) {
        cx.subscribe(name);
        cx.publish("channel 0", "still here");
    }
}

/// Arms so many timers as it starts.
#[action(transport = websocket | regular)]
struct Alarm;

#[callbacks]
impl Alarm {
    #[on_start]
    fn arm(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        for _ in 0..cx.param("count")? {
            cx.after(Duration::from_secs(1), |_, _| {});
        }
        cx.after(Duration::from_secs(2), |_, cx: &mut Context<Self>| {
            cx.render("awake");
            cx.finish();
        });
        Ok(())
    }
}

/// Hands out so many jobs as it starts, and says which found no place.
#[action(transport = chunked)]
struct Foreman;

#[callbacks]
impl Foreman {
    #[on_start]
    fn hand_out(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        for number in 1..=cx.param::<usize>("count")? {
            cx.defer(|| ()).then(move |_, cx: &mut Context<Self>, result| {
                if let Err(error) = result {
                    cx.render(format!("{number}: {error}"));
                }
            });
        }
        Ok(())
    }
}

/// Never answers.
#[action(transport = regular)]
struct Mute;

#[callbacks]
impl Mute {}

/// Is never let go on.
#[action(transport = regular | websocket)]
struct Parked;

#[callbacks]
impl Parked {
    #[before_start]
    fn park(&mut self, cx: &mut Context<Self>) {
        cx.hold();
    }
}

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    let routes = Routes::new()
        .at("/channels", || Collector)
        .at("/timers", || Alarm)
        .at("/work", || Foreman)
        .at("/mute", || Mute)
        .at("/parked", || Parked);
    Scene::new(routes, set)
}

#[test]
fn a_connection_may_be_subscribed_to_so_many_channels() {
    let scene = scene(|limits| limits.channels_per_connection_max = 5);
    let mut socket = scene.world.socket("/channels?count=5");
    // One it has is no other.
    socket.send("channel 4").expect_render("still here");
    socket.send("channel 5").expect_close(1008).expect_finish(FinishReason::Failed);
    scene.world.events("/channels?count=5").expect_no_finish();
    let mut events = scene.world.events("/channels?count=6");
    events.expect_status(200).expect_finish(FinishReason::Failed);
    scene.world.get("/channels?count=5").expect_no_finish();
    scene.world.get("/channels?count=6").expect_status(500);
    assert_eq!(scene.refusals("channels_too_many"), 3);
}

#[test]
fn an_action_may_have_so_many_timers() {
    let scene = scene(|limits| limits.timers_per_action_max = 5);
    let mut good = scene.world.get("/timers?count=4");
    scene.world.get("/timers?count=5").expect_status(500);
    let mut bad = scene.world.socket("/timers?count=5");
    bad.expect_close(1008).expect_finish(FinishReason::Failed);
    good.advance(Duration::from_secs(2)).expect_status(200).expect_render("awake");
    assert_eq!(scene.refusals("timers_too_many"), 2);
}

#[test]
fn a_timer_that_has_fired_makes_room_for_another() {
    let scene = scene(|limits| limits.timers_per_action_max = 5);
    let mut socket = scene.world.socket("/timers?count=4");
    socket.advance(Duration::from_secs(2)).expect_render("awake").expect_close(1000);
}

#[test]
fn so_much_deferred_work_may_wait() {
    let scene = scene(|_| {});
    scene.world.get("/work?count=1024").advance(Duration::ZERO).expect_nothing();
    let mut late = scene.world.get("/work?count=1025");
    late.expect_render("1025: the queue for deferred work is full").expect_nothing();
    assert_eq!(scene.refusals("work_too_many"), 1);
}

#[test]
fn an_action_may_take_so_long_to_answer() {
    let scene = scene(|limits| limits.answer_timeout = Duration::from_secs(30));
    let mut mute = scene.world.get("/mute");
    mute.advance(Duration::from_millis(29_999));
    assert_eq!(mute.status(), None);
    mute.advance(Duration::from_millis(1)).expect_status(503);
    assert_eq!(scene.refusals("answer_timeout"), 1);
}

#[test]
fn a_request_may_be_held_for_so_long() {
    let scene = scene(|limits| limits.hold_timeout = Duration::from_secs(30));
    for visit in [Visit::get("/parked"), Visit::socket("/parked")] {
        let mut parked = scene.world.visit(visit);
        parked.advance(Duration::from_millis(29_999));
        assert_eq!(parked.status(), None);
        parked.advance(Duration::from_millis(1)).expect_status(503).expect_no_finish();
    }
    assert_eq!(scene.refusals("answer_timeout"), 2);
}

#[test]
fn a_poll_waits_for_so_long() {
    let scene = scene(|limits| limits.poll_timeout = Duration::from_secs(25));
    let mut poll = scene.world.get("/channels?count=1");
    poll.advance(Duration::from_millis(24_999));
    assert_eq!(poll.status(), None);
    poll.advance(Duration::from_millis(1)).expect_status(204).expect(Heard::End);
}

#[test]
fn so_many_bytes_may_be_published_ahead_of_the_loop() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let server = Server::bind("127.0.0.1:0").expect("a port is free").limits(|limits| {
        limits.posted_bytes_max = 10_000;
    });
    let running = server.attach(&mut reactor, Routes::new()).expect("there are no routes");
    let event = "x".repeat(1000);
    for _ in 0..10 {
        running.publish("news", &event).expect("there is room");
    }
    let error = running.publish("news", "x").expect_err("one byte more is too many");
    assert_eq!(
        error.to_string(),
        "the loop is behind: `10000` bytes wait for it; post less, or later"
    );
    reactor.turn(Some(Duration::ZERO)).expect("the selector works");
    running.publish("news", &event).expect("there is room again");
}
