//! Liveness: how often the silent are spoken to, how long they may stay silent, and how long who is
//! told to go is still listened to.

use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit};

use super::{Hello, Scene};

/// Says nothing.
#[action(transport = websocket | sse)]
struct Silent;

#[callbacks]
impl Silent {}

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    Scene::new(Routes::new().at("/", || Silent).get("/hello", || Hello), set)
}

/// How long it was until the viewer heard something, to a tenth of a second.
fn silence(viewer: &mut Trial) -> Duration {
    let mut silence = Duration::ZERO;
    while viewer.heard().is_empty() {
        assert!(silence < Duration::from_secs(60), "it hears nothing at all");
        viewer.advance(STEP);
        silence += STEP;
    }
    silence
}

const STEP: Duration = Duration::from_millis(100);

#[test]
fn a_silent_stream_is_spoken_to_so_often_and_not_much_more_often() {
    let scene = scene(|limits| {
        limits.sse_keep_alive = Duration::from_secs(8);
        limits.websocket_keep_alive = Duration::from_secs(8);
    });
    for visit in [Visit::events("/"), Visit::socket("/")] {
        let mut viewer = scene.world.visit(visit);
        let silences: Vec<_> = (0..5).map(|_| silence(&mut viewer)).collect();
        let allowed = Duration::from_secs(6) - STEP..=Duration::from_secs(8) + STEP;
        assert!(silences.iter().all(|silence| allowed.contains(silence)), "{silences:?}");
    }
}

#[test]
fn a_socket_may_stay_silent_after_a_ping_for_so_long() {
    let scene = scene(|limits| limits.pong_timeout = Duration::from_secs(20));
    let mut socket = scene.world.socket("/");
    socket.ignore_pings();
    silence(&mut socket);
    // The ping is up to a step old.
    socket.advance(Duration::from_secs(20) - STEP).expect_no_finish();
    socket.advance(STEP).expect_finish(FinishReason::TimedOut);
}

#[test]
fn any_byte_tells_that_a_socket_is_there() {
    let scene = scene(|limits| limits.pong_timeout = Duration::from_secs(20));
    let mut socket = scene.world.socket("/");
    socket.ignore_pings();
    for _ in 0..10 {
        silence(&mut socket);
        socket.advance(Duration::from_secs(19)).ping(b"");
        assert!(socket.heard().contains(&Heard::Pong(Vec::new())));
    }
    socket.expect_no_finish();
}

#[test]
fn who_was_refused_is_listened_to_for_so_long_that_it_hears_why() {
    let scene = scene(|limits| {
        limits.linger_timeout = Duration::from_secs(2);
        limits.head.headers_max = 2;
    });
    let many = (0..3).fold(Visit::get("/hello"), |visit, _| visit.header("name", "value"));
    let mut refused = scene.world.visit(many);
    refused.expect_status(431);
    refused.advance(Duration::from_millis(1_999)).send_bytes(b"more of it");
    assert!(refused.wire().has_finished() && !refused.wire().is_closed());
    refused.advance(Duration::from_millis(1));
    assert!(refused.wire().is_closed() && !refused.wire().was_reset());
}

#[test]
fn so_much_of_a_body_nobody_wants_is_read_to_keep_the_connection() {
    let scene = scene(|limits| limits.discard_bytes_max = 1000);
    let mut kept = scene.world.post("/nowhere", vec![b'x'; 1000]);
    kept.expect_status(404).again(Visit::get("/hello")).expect_status(200);
    let mut closed = scene.world.post("/nowhere", vec![b'x'; 1001]);
    closed.expect_status(404).expect_header("connection", "close");
}
