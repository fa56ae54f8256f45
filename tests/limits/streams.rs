//! Streams: how long they live, and that nothing is lost when they end.

use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit};

use super::Scene;

const NEWS: Channel = Channel::new("news").history(1000);

/// Hears the news.
#[action(transport = websocket | sse)]
struct Reader;

#[callbacks]
impl Reader {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(NEWS);
    }
}

/// Hears them in chunks.
#[action(transport = chunked)]
struct Chunks;

#[callbacks]
impl Chunks {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(NEWS);
    }
}

/// Lives for a minute, whatever the server says.
#[action(transport = websocket | sse, stream_life_max = "1m")]
struct Mayfly;

#[callbacks]
impl Mayfly {}

const HOUR: Duration = Duration::from_secs(3600);

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    let routes = Routes::new().at("/", || Reader).at("/chunks", || Chunks).at("/mayfly", || Mayfly);
    Scene::new(routes, set)
}

#[test]
fn a_stream_ends_its_transports_way_when_it_has_lived_for_long() {
    let scene = scene(|limits| limits.stream_life_max = Some(HOUR));
    let mut socket = scene.world.socket("/");
    let mut events = scene.world.events("/");
    let mut chunks = scene.world.get("/chunks");
    scene.world.advance(HOUR / 2 - Duration::from_millis(1));
    for stream in [&mut socket, &mut events, &mut chunks] {
        stream.expect_no_finish();
    }
    scene.world.advance(HOUR / 2);
    let reason = "the connection has lasted as long as it may".to_owned();
    socket.expect(Heard::Close { code: Some(1001), reason });
    socket.expect_finish(FinishReason::TimedOut);
    let heard: Vec<_> = events.heard().into_iter().filter(|heard| !is_comment(heard)).collect();
    assert!(matches!(heard[..], [Heard::Retry(_), Heard::End]), "{heard:?}");
    events.expect_finish(FinishReason::TimedOut);
    chunks.expect_end().expect_finish(FinishReason::TimedOut);
}

fn is_comment(heard: &Heard) -> bool {
    matches!(heard, Heard::Comment(_))
}

#[test]
fn a_crowd_that_came_at_once_goes_little_by_little() {
    let scene = scene(|limits| limits.stream_life_max = Some(HOUR));
    let mut crowd: Vec<Trial> = (0..200).map(|_| scene.world.events("/")).collect();
    scene.world.advance(HOUR / 2);
    let is_over = |viewer: &mut Trial| viewer.heard().contains(&Heard::End);
    let mut gone = Vec::new();
    for _ in 0..30 {
        scene.world.advance(Duration::from_secs(60));
        let before = crowd.len();
        crowd.retain_mut(|viewer| !is_over(viewer));
        gone.push(before - crowd.len());
    }
    assert!(gone.iter().all(|gone| (4..=10).contains(gone)), "{gone:?}");
    assert!(crowd.is_empty());
}

#[test]
fn a_viewer_whose_stream_ends_misses_nothing() {
    let scene = scene(|limits| limits.stream_life_max = Some(Duration::from_secs(60)));
    let mut viewer = scene.world.events("/");
    let mut heard = Vec::new();
    let mut ends = 0;
    for said in 0..600 {
        scene.world.publish(NEWS, said.to_string());
        scene.world.advance(Duration::from_secs(1));
        let now = viewer.heard();
        heard.extend(now.iter().filter_map(Heard::rendered));
        if now.contains(&Heard::End) {
            ends += 1;
            // While it is away, more is said.
            let cursor = viewer.last_event_id();
            viewer = scene.world.visit(Visit::events("/").header("last-event-id", &cursor));
        }
    }
    assert!(ends >= 10, "{ends}");
    let all: Vec<_> = (0..600).map(|said| said.to_string()).collect();
    assert_eq!(heard, all);
}

#[test]
fn an_action_may_say_how_long_its_streams_live() {
    let scene = scene(|limits| limits.stream_life_max = None);
    let mut mayfly = scene.world.events("/mayfly");
    let mut other = scene.world.events("/");
    scene.world.advance(Duration::from_secs(60));
    mayfly.expect_finish(FinishReason::TimedOut);
    scene.world.advance(25 * HOUR);
    other.expect_no_finish();
}
