//! Complaints about peers: the dead, the silent, the slow and the noisy.

use std::cell::RefCell;

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, World};

use super::seconds;

/// A viewer of whatever is published, on the wire it asks for.
#[action(transport = websocket | sse | chunked)]
struct Viewer;

#[callbacks]
impl Viewer {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("news");
    }
}

fn world() -> World {
    World::new(Routes::new().at("/", || Viewer))
}

/// Clients that lost their network were kept for ever: a ping alone tests nothing.
#[test]
fn a_socket_whose_peer_is_dead_is_noticed_within_45_seconds() {
    let mut socket = world().socket("/");
    socket.ignore_pings().advance(seconds(38)).expect_no_finish();
    socket.advance(seconds(7)).expect_finish(FinishReason::TimedOut);
}

/// The same for who only reads: what keeps its stream alive finds it dead.
#[test]
fn an_event_stream_whose_peer_is_dead_is_noticed_within_45_seconds() {
    let mut events = world().events("/");
    events.wire().set_window(Some(0));
    events.advance(seconds(45)).expect_finish(FinishReason::TimedOut);
}

/// Servers ended streams that had been silent for 30 seconds, because requests should not be.
#[test]
fn a_stream_may_be_silent_for_a_day() {
    let world = world();
    let mut viewers = [world.socket("/"), world.events("/"), world.get("/")];
    world.advance(seconds(24 * 60 * 60));
    world.publish("news", "good morning");
    for viewer in &mut viewers {
        viewer.expect_render("good morning").expect_nothing().expect_no_finish();
    }
}

/// One slow client blocked the whole loop for up to a minute.
#[test]
fn a_client_that_does_not_read_delays_nobody() {
    let world = world();
    let (mut slow, mut quick) = (world.events("/"), world.events("/"));
    slow.wire().set_window(Some(0));
    for edition in 0..100 {
        let text = format!("{edition} {}", "x".repeat(64 * 1024));
        world.publish("news", &*text);
        quick.expect_render(&text).expect_nothing();
    }
    slow.expect_finish(FinishReason::Overflowed);
    quick.expect_no_finish();
}

/// A close waited behind a full send buffer for as long as the peer liked.
#[test]
fn a_close_that_cannot_be_sent_does_not_hold_its_connection() {
    #[action(transport = websocket)]
    struct Leaves;

    #[callbacks]
    impl Leaves {
        #[on_data]
        fn received(&mut self, cx: &mut Context<Self>, _text: &str) {
            cx.render("x".repeat(64 * 1024));
            cx.finish();
        }
    }

    let mut leaves = Trial::start(Leaves);
    leaves.wire().set_window(Some(0));
    leaves.send("go away").expect_finish(FinishReason::Finished);
    assert!(!leaves.wire().is_closed());
    leaves.advance(seconds(30));
    assert!(leaves.wire().is_closed());
}

/// A flood of pings was a flood of pongs in memory.
#[test]
fn a_flood_of_pings_is_answered_by_the_newest_once_nobody_reads() {
    let mut socket = world().socket("/");
    socket.wire().set_window(Some(0));
    for number in 0..1_000_u32 {
        socket.ping(&number.to_be_bytes());
    }
    socket.wire().set_window(None);
    socket.advance(seconds(1));
    let heard = socket.heard();
    assert!(heard.len() <= 3, "{} pongs", heard.len());
    assert!(heard.contains(&Heard::Pong(999_u32.to_be_bytes().to_vec())), "{heard:?}");
}

/// Connections leaked, and with them the descriptors of the process.
#[test]
fn the_servers_end_closes_when_the_client_leaves() {
    let world = world();
    for mut viewer in [world.socket("/"), world.events("/"), world.get("/")] {
        assert!(!viewer.wire().is_closed());
        viewer.hang_up();
        assert!(viewer.wire().is_closed());
    }
}

/// What was made for a client went on being made when the client had left.
#[test]
fn who_produces_stops_when_the_client_leaves() {
    #[action(transport = chunked)]
    struct Produces(Rc<RefCell<u32>>);

    #[callbacks]
    impl Produces {
        #[periodic_timer(every = "1ms")]
        fn piece(&mut self, cx: &mut Context<Self>) {
            *self.0.borrow_mut() += 1;
            cx.render("piece");
        }
    }

    let pieces = Rc::default();
    let mut produces = Trial::start(Produces(Rc::clone(&pieces)));
    produces.advance(Duration::from_millis(10)).hang_up().advance(seconds(10));
    assert_eq!(*pieces.borrow(), 10);
}
