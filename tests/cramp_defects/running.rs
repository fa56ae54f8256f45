//! Complaints about running it: stops that never ended, errors nobody saw, clocks that drifted.

use std::cell::RefCell;
use std::time::Instant;

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, World};
use crampon_tests::Log;

use super::seconds;

/// Does nothing, for as long as it may.
#[action(transport = websocket | sse | chunked | long_polling)]
struct Open;

#[callbacks]
impl Open {}

#[action(transport = chunked)]
struct OpenChunks;

#[callbacks]
impl OpenChunks {}

fn routes() -> Routes {
    Routes::new().at("/", || Open).at("/chunks", || OpenChunks)
}

/// A stop waited for streams, which do not end by themselves: it took an hour, or a kill.
#[test]
fn a_stop_ends_open_streams_at_once_and_each_in_its_way() {
    let world = World::new(routes());
    let mut socket = world.socket("/");
    let mut events = world.events("/");
    let mut poll = world.get("/");
    let mut chunks = world.get("/chunks");
    world.stop();
    assert!(world.is_over());
    socket.expect_close(1001).expect_end();
    assert!(matches!(events.heard()[..], [Heard::Retry(_), Heard::End]), "they come back, later");
    poll.expect_status(204).expect_end();
    chunks.expect_end();
    for stopped in [socket, events, poll, chunks] {
        stopped.clone().expect_finish(FinishReason::ServerStopping);
    }
}

/// Who does not read cannot be said goodbye to, and does not hold up the rest.
#[test]
fn a_stop_is_over_by_its_deadline_whoever_is_stuck() {
    let world = World::new(routes());
    let mut stuck = world.socket("/");
    stuck.wire().set_window(Some(0));
    world.stop();
    assert!(!world.is_over());
    world.advance(seconds(10));
    assert!(world.is_over());
    stuck.expect_finish(FinishReason::ServerStopping);
}

/// Fails where it is told to.
#[action(transport = websocket)]
struct Fails(&'static str);

#[callbacks]
impl Fails {
    fn at(&self, place: &str) -> Result<(), String> {
        match self.0 == place {
            true => Err(format!("nobody saw {place} fail")),
            false => Ok(()),
        }
    }

    #[before_start]
    fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), String> {
        self.at("check")
    }

    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        cx.subscribe("news");
        self.at("begin")
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, _cx: &mut Context<Self>) -> Result<(), String> {
        self.at("tick")
    }

    #[on_data]
    fn received(&mut self, _cx: &mut Context<Self>, _text: &str) -> Result<(), String> {
        self.at("received")
    }

    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, _message: &Message) -> Result<(), String> {
        self.at("heard")
    }

    #[on_finish]
    fn leave(&mut self, _cx: &mut Context<Self>) -> Result<(), String> {
        self.at("leave")
    }
}

/// Errors were swallowed: a mistyped name was a bare 1006 and no trace.
#[test]
fn an_error_in_any_callback_is_logged_with_its_place() {
    for place in ["check", "begin", "tick", "received", "heard", "leave"] {
        let log = Log::default();
        let _subscriber = log.install();
        let mut fails = Trial::start(Fails(place));
        if fails.status() == Some(101) {
            fails.advance(seconds(1));
            fails.world().publish("news", "extra");
            if place == "received" {
                fails.send("hello");
            }
            fails.hang_up();
        }
        let text = log.text();
        let line = text.lines().find(|line| line.contains("nobody saw"));
        let line = line.unwrap_or_else(|| panic!("{place} is not in the log:\n{text}"));
        assert!(line.contains(&format!("nobody saw {place} fail")), "{line}");
        assert!(line.contains("Fails") && line.contains("running.rs:"), "{line}");
    }
}

/// A blocking call stalled everybody, and nothing said which.
#[test]
fn a_callback_that_holds_the_loop_is_named_in_the_log() {
    #[action(transport = sse)]
    struct Blocks;

    #[callbacks]
    impl Blocks {
        #[on_start]
        fn ponder(&mut self, _cx: &mut Context<Self>) {
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(2) {
                std::hint::spin_loop();
            }
        }
    }

    let log = Log::default();
    let _subscriber = log.install();
    let world = World::with(Routes::new().at("/", || Blocks), |server| {
        server.limits(|limits| limits.slow_callback = Some(Duration::from_millis(1)))
    });
    world.events("/").expect_status(200);
    let text = log.text();
    assert!(text.contains("Blocks") && text.contains("ponder"), "{text}");
}

/// A timer was armed again when its callback had returned, and ran behind a little more each time.
#[test]
fn a_timer_does_not_drift_in_a_day() {
    #[action(transport = sse, keep_alive = off)]
    struct Clock {
        began: Option<Instant>,
        last: Rc<RefCell<(u64, Duration)>>,
    }

    #[callbacks]
    impl Clock {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            self.began = Some(cx.now());
        }

        #[periodic_timer(every = "7s")]
        fn tick(&mut self, cx: &mut Context<Self>) {
            let elapsed = cx.now() - self.began.expect("it has started");
            let ticks = self.last.borrow().0 + 1;
            *self.last.borrow_mut() = (ticks, elapsed);
        }
    }

    let last = Rc::default();
    let mut clock = Trial::start(Clock { began: None, last: Rc::clone(&last) });
    let day = 24 * 60 * 60;
    clock.advance(seconds(day));
    assert_eq!(*last.borrow(), (day / 7, seconds(day / 7 * 7)));
}

/// Load balancers had no page to ask for where sockets were served.
#[test]
fn pages_sockets_and_health_share_one_port() {
    #[action(transport = regular)]
    struct Health;

    #[callbacks]
    impl Health {
        #[on_start]
        fn answer(&mut self, cx: &mut Context<Self>) {
            cx.render("OK");
            cx.finish();
        }
    }

    let world = World::new(routes().at("/health", || Health));
    let mut socket = world.socket("/");
    world.get("/health").expect_status(200).expect_render("OK");
    world
        .visit(crampon::trial::Visit::new("HEAD".parse().expect("a method"), "/health"))
        .expect_status(200);
    socket.expect_status(101).expect_no_finish();
}
