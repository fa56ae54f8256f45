//! Who is there no more is noticed, on every transport; and nobody else is held up by it.

use crampon::prelude::*;
use crampon::protocol::http::BodyLength;
use crampon::trial::{Trial, Visit, World};
use crampon_tests::Request;

/// Stays silent, but for what keeps it alive.
#[action(transport = websocket | sse | long_polling, subscribe = "news")]
struct Silent;

#[callbacks]
impl Silent {}

/// Says something every second.
#[action(transport = chunked)]
struct Talker;

#[callbacks]
impl Talker {
    #[periodic_timer(every = "1s")]
    fn talk(&mut self, cx: &mut Context<Self>) {
        cx.render("and another thing");
    }
}

/// Answers a body.
#[action(transport = regular)]
struct Upload;

#[callbacks]
impl Upload {
    #[on_data]
    fn take(&mut self, cx: &mut Context<Self>, _body: &[u8]) {
        cx.render("thanks");
        cx.finish();
    }
}

fn world() -> World {
    let routes = Routes::new().at("/", || Silent).at("/talk", || Talker);
    World::new(routes.post("/upload", || Upload))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const TIMED_OUT: FinishReason = FinishReason::TimedOut;

#[test]
fn a_peer_that_takes_and_says_nothing_is_finished_on_every_transport() {
    let events = Request::get("/").header("accept", "text/event-stream");
    let half_a_body = Request::post("/upload", "").announcing(BodyLength::Length(8));
    for (why, request, within, reason) in [
        ("a comment after 15 s, 30 s to take the head", events, 45, Some(TIMED_OUT)),
        ("30 s to take the 101", Request::upgrade("/", &[]), 45, Some(TIMED_OUT)),
        ("30 s to take the head", Request::get("/talk"), 31, Some(TIMED_OUT)),
        ("204 after 25 s, 30 s to take it", Request::get("/"), 55, Some(TIMED_OUT)),
        ("30 s for the body, 30 s to take 408", half_a_body, 60, Some(FinishReason::Failed)),
        ("404 at once, 30 s to take it", Request::get("/nowhere"), 30, None),
    ] {
        let world = world();
        let mut viewer = world.connect();
        viewer.wire().set_window(Some(0));
        viewer.send_bytes(&request.bytes());
        viewer.advance(seconds(within));
        assert!(viewer.wire().is_closed(), "{why}");
        match reason {
            Some(reason) => viewer.expect_finish(reason),
            None => viewer.expect_no_finish(),
        };
    }
}

#[test]
fn a_connection_that_does_not_come_to_a_request_is_closed_too() {
    for (said, after) in [
        ("", 10),
        // 408 after 10 s, and 2 s for the peer to close.
        ("GET / HT", 12),
        ("GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n", 75),
    ] {
        let world = world();
        let mut viewer = world.connect();
        viewer.send_bytes(said.as_bytes());
        viewer.advance(seconds(after - 1));
        assert!(!viewer.wire().is_closed(), "{said:?}");
        viewer.advance(seconds(1));
        assert!(viewer.wire().is_closed(), "{said:?}");
    }
}

#[test]
fn a_socket_that_takes_all_and_says_nothing_is_finished() {
    let world = world();
    let mut viewer = world.socket("/");
    viewer.ignore_pings().advance(seconds(46)).expect_finish(FinishReason::TimedOut);
    assert!(viewer.wire().is_closed());
}

#[test]
fn timers_do_not_wait_behind_a_blocked_write() {
    /// Says a lot, and counts the seconds for others.
    #[action(transport = websocket)]
    struct Counter {
        seconds: u32,
    }

    #[callbacks]
    impl Counter {
        #[periodic_timer(every = "1s")]
        fn count(&mut self, cx: &mut Context<Self>) {
            self.seconds += 1;
            cx.render("x".repeat(10_000));
            cx.publish("seconds", self.seconds.to_string());
        }
    }

    /// Hears how far the others have counted.
    #[action(transport = sse, subscribe = "seconds")]
    struct Watcher;

    #[callbacks]
    impl Watcher {}

    let routes = Routes::new().at("/count", || Counter { seconds: 0 }).at("/watch", || Watcher);
    let world = World::new(routes);
    let stuck = world.connect();
    stuck.wire().set_window(Some(200));
    stuck.send_bytes(&Request::upgrade("/count", &[]).bytes());
    let mut watcher = world.events("/watch");
    for second in 1..=29 {
        watcher.advance(seconds(1)).expect_render(&second.to_string());
    }
    assert!(!stuck.wire().is_closed(), "it has 30 s to take something");
}

#[test]
fn a_thousand_who_came_together_are_not_spoken_to_together() {
    for (visit, every) in [(Visit::socket("/"), 25), (Visit::events("/"), 15)] {
        let world = world();
        let mut viewers: Vec<Trial> = (0..1_000).map(|_| world.visit(visit.clone())).collect();
        for together in ["they came", "they have heard the same"] {
            world.advance(Duration::from_millis(every * 1_000 * 3 / 4 - 10));
            assert_eq!(signs_of_life(&mut viewers), 0, "{together}");
            let (mut all, mut busiest) = (0, 0);
            while all < 1_000 {
                world.advance(Duration::from_millis(10));
                let signs = signs_of_life(&mut viewers);
                all += signs;
                busiest = busiest.max(signs);
            }
            assert!(busiest <= 5, "{busiest} in a hundredth of a second, after {together}");
            world.publish("news", "the same to all");
        }
    }
}

/// How many signs of life have been heard.
fn signs_of_life(viewers: &mut [Trial]) -> usize {
    let signs = |viewer: &mut Trial| viewer.heard().iter().filter(|it| it.is_keep_alive()).count();
    viewers.iter_mut().map(signs).sum()
}
