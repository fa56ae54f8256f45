//! Between two states: a pause that ends, a channel left in mid-round, a start while the server
//! stops.

use std::time::Duration;

use crampon::prelude::*;
use crampon::trial::{Heard, Visit, World};
use crampon_tests::stage::{Diary, Listening};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Does not listen for the first minute.
#[action(transport = websocket)]
struct Busy;

#[callbacks]
impl Busy {
    #[on_start]
    fn work(&mut self, cx: &mut Context<Self>) {
        cx.pause();
        cx.after(seconds(60), |_, cx| cx.resume());
    }
}

#[test]
fn the_pong_deadline_rests_in_a_pause_and_begins_anew_after_it() {
    let world = World::new(Routes::new().at("/", || Busy));
    let mut viewer = world.socket("/");
    viewer.ignore_pings().advance(seconds(60)).expect_no_finish();
    viewer.advance(seconds(19)).expect_no_finish();
    viewer.advance(seconds(30)).expect_finish(FinishReason::TimedOut);
}

#[test]
fn a_pong_that_waited_out_a_pause_is_a_sign_of_life() {
    let world = World::new(Routes::new().at("/", || Busy));
    let mut viewer = world.socket("/");
    viewer.advance(seconds(300)).expect_no_finish();
}

/// Hears one message and has heard enough.
#[action(transport = sse)]
struct Impatient;

#[callbacks]
impl Impatient {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("news");
        cx.subscribe("weather");
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        cx.render(message);
        cx.unsubscribe("news");
    }
}

/// Says three things at once.
#[action(transport = regular)]
struct Herald;

#[callbacks]
impl Herald {
    #[on_start]
    fn call(&mut self, cx: &mut Context<Self>) {
        for (channel, words) in [("news", "one"), ("news", "two"), ("weather", "rain")] {
            cx.publish(channel, words);
        }
        cx.finish();
    }
}

#[test]
fn who_leaves_a_channel_hears_no_more_of_it_even_of_the_same_tick() {
    let world = World::new(Routes::new().at("/listen", || Impatient).at("/call", || Herald));
    let mut viewer = world.events("/listen");
    world.get("/call");
    viewer.expect_render("one").expect_render("rain").expect_nothing();
}

/// Lets its viewer in after two seconds.
#[action(transport = sse | websocket)]
struct Slow {
    diary: Diary,
}

#[callbacks]
impl Slow {
    #[before_start]
    fn ask(&mut self, cx: &mut Context<Self>) {
        cx.hold();
        cx.after(seconds(2), |_, cx| cx.proceed());
    }

    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        self.diary.note("start");
        cx.render("welcome");
    }

    #[on_finish]
    fn finish(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

#[test]
fn a_stream_let_in_while_the_server_stops_ends_as_the_others_did() {
    let diary = Diary::default();
    let pen = diary.clone();
    let world = World::new(Routes::new().at("/", move || Slow { diary: pen.clone() }));
    let (mut events, mut socket) = (world.events("/"), world.socket("/"));
    world.stop();
    world.advance(seconds(2));
    events.expect_status(200).expect_render("welcome");
    assert!(matches!(events.heard()[..], [Heard::Retry(_), Heard::End]));
    socket.expect_status(101).expect_render("welcome").expect_close(1001);
    diary.expect(&["start", "start", "server stopping", "server stopping"]);
    assert!(world.is_over());
}

/// Waits for news, as long as it takes.
#[action(transport = long_polling)]
struct Poll;

#[callbacks]
impl Poll {
    #[on_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("news");
    }
}

#[test]
fn the_time_of_a_head_begun_behind_a_waiting_poll_begins_when_the_poll_is_answered() {
    let world = World::new(Routes::new().at("/", || Poll));
    let mut viewer = world.get("/");
    viewer.send_bytes(b"GET / HT");
    viewer.advance(seconds(11)).expect_nothing();
    world.publish("news", "at last");
    viewer.advance(seconds(9)).expect_render("at last").expect_end().expect_nothing();
    viewer.listen_again().send_bytes(b"TP/1.1\r\nhost: trial.test\r\n\r\n");
    world.publish("news", "and more");
    viewer.expect_status(200).expect_render("and more");
}

/// Says nothing, and stays.
#[action(transport = sse | websocket)]
struct Silent;

#[callbacks]
impl Silent {}

#[test]
fn a_stream_its_viewer_leaves_has_its_access_line() {
    let log = Listening::listen();
    let world = World::new(Routes::new().at("/silent", || Silent));
    world.events("/silent").advance(seconds(2)).hang_up();
    log.expect_line(&["GET /silent 200", "transport=sse", "ms=2000"]);
    world.visit(Visit::socket("/silent")).hang_up();
    log.expect_line(&["GET /silent 101", "transport=websocket"]);
}

#[test]
fn a_request_its_client_did_not_wait_for_has_its_access_line() {
    let log = Listening::listen();
    World::new(Routes::new().at("/news", || Poll)).get("/news").hang_up();
    log.expect_line(&["GET /news 499", "transport=long_polling"]);
}

/// Takes its time with one message.
#[action(transport = websocket)]
struct Ponderer;

#[callbacks]
impl Ponderer {
    #[on_data]
    fn ponder(&mut self, _cx: &mut Context<Self>, text: &str) {
        if text == "hard" {
            hold_the_loop();
        }
    }
}

/// Takes longer than a callback should.
fn hold_the_loop() {
    let until = std::time::Instant::now() + Duration::from_millis(60);
    while std::time::Instant::now() < until {
        std::hint::spin_loop();
    }
}

#[test]
fn a_callback_that_holds_the_loop_is_named() {
    let log = Listening::listen();
    let mut viewer = World::new(Routes::new().at("/", || Ponderer)).socket("/");
    viewer.send("easy");
    assert!(log.lines_with("held the loop").is_empty());
    viewer.send("hard");
    log.expect_line(&["held the loop", "Ponderer", "ponder", "in_between.rs", "calls=1"]);
}

/// Takes its time with what the server holds.
#[action(transport = websocket)]
struct Surveyor;

#[callbacks]
impl Surveyor {
    #[on_start]
    fn survey(&mut self, cx: &mut Context<Self>) {
        cx.measure(|_, _, _| hold_the_loop());
    }
}

/// It was called a closure of `defer`, of which there is none.
#[test]
fn a_measurement_that_holds_the_loop_is_named_as_one() {
    let log = Listening::listen();
    let _viewer = World::new(Routes::new().at("/", || Surveyor)).socket("/");
    log.expect_line(&["held the loop", "Surveyor", "a closure of `measure`", "in_between.rs"]);
}

/// Ends with the first word, and takes its time to go.
#[action(transport = sse, subscribe = "word")]
struct Leaver;

#[callbacks]
impl Leaver {
    #[on_message]
    fn hear(&mut self, cx: &mut Context<Self>, _word: &Message) {
        cx.finish();
    }

    #[on_finish]
    fn part(&mut self, _cx: &mut Context<Self>) {}
}

impl Drop for Leaver {
    fn drop(&mut self) {
        hold_the_loop();
    }
}

/// The time since the callback before was taken for the callback's own, whatever had happened.
#[test]
fn a_callback_is_not_blamed_for_what_the_loop_did_since_the_one_before() {
    let log = Listening::listen();
    let world = World::new(Routes::new().at("/", || Leaver));
    let _viewers = [world.events("/"), world.events("/")];
    world.publish("word", "go");
    assert!(log.lines_with("held the loop").is_empty());
}
