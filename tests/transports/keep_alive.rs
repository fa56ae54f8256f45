//! The sign of life: a comment, a ping, and nothing where it was not asked for.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

use crate::seconds;

/// A class that stays silent, under one header after another.
macro_rules! silent {
    ($($name:ident: $header:tt)*) => { $(
        #[action $header]
        struct $name;

        #[callbacks]
        impl $name {}
    )* };
}
silent! {
    Regular: (transport = regular)
    Chunked: (transport = chunked)
    Sse: (transport = sse)
    LongPolling: (transport = long_polling)
    Websocket: (transport = websocket)
    ChunkedOften: (transport = chunked, keep_alive = "4s")
    SseOften: (transport = sse, keep_alive = "4s")
    WebsocketOften: (transport = websocket, keep_alive = "4s")
    SseOff: (transport = sse, keep_alive = off)
    WebsocketOff: (transport = websocket, keep_alive = off)
}

/// Within a time of so many intervals a viewer hears that many signs of life: never fewer, and
/// more only by the quarter of its interval at the most by which each may be early.
#[track_caller]
fn expect_signs(mut viewer: Trial, within: u64, sign: Option<(usize, Heard)>) {
    viewer.advance(seconds(within));
    let heard = viewer.heard();
    let Some((times, sign)) = sign else { return assert_eq!(heard, []) };
    assert!((times..=times * 4 / 3).contains(&heard.len()), "{heard:?}");
    assert_eq!(heard, vec![sign; heard.len()]);
}

fn comment() -> Heard {
    Heard::Comment(String::new())
}

#[test]
fn an_event_stream_has_a_comment_every_15_s_and_a_socket_a_ping_every_25_s() {
    expect_signs(Trial::start(Sse), 11, None);
    expect_signs(Trial::start(Sse), 60, Some((4, comment())));
    expect_signs(Trial::start(Websocket), 18, None);
    expect_signs(Trial::start(Websocket), 100, Some((4, Heard::Ping)));
}

#[test]
fn the_other_transports_have_none() {
    expect_signs(Trial::start(Chunked), 3_600, None);
    expect_signs(Trial::start(Regular), 29, None);
    expect_signs(Trial::start(LongPolling), 24, None);
}

#[test]
fn an_action_says_how_often() {
    expect_signs(Trial::start(SseOften), 40, Some((10, comment())));
    expect_signs(Trial::start(WebsocketOften), 40, Some((10, Heard::Ping)));
    // No chunk may be empty, so its sign of life is a space.
    expect_signs(Trial::start(ChunkedOften), 40, Some((10, Heard::Chunk(b" ".into()))));
}

#[test]
fn an_action_may_have_none() {
    expect_signs(Trial::start(SseOff), 3_600, None);
    expect_signs(Trial::start(WebsocketOff), 3_600, None);
}

#[test]
fn the_server_may_say_how_often_too() {
    let routes = Routes::new().at("/events", || Sse).at("/socket", || Websocket);
    let world = World::with(routes, |server| {
        server.limits(|limits| {
            limits.sse_keep_alive = seconds(1);
            limits.websocket_keep_alive = seconds(2);
        })
    });
    let (events, socket) = (world.events("/events"), world.socket("/socket"));
    world.advance(seconds(12));
    expect_signs(events, 0, Some((12, comment())));
    expect_signs(socket, 0, Some((6, Heard::Ping)));
}

/// Only silence needs a sign of life.
#[test]
fn what_is_rendered_puts_it_off() {
    #[action(transport = sse | websocket)]
    struct Ticks;

    #[callbacks]
    impl Ticks {
        #[periodic_timer(every = "10s")]
        fn tick(&mut self, cx: &mut Context<Self>) {
            cx.render("tick");
        }
    }

    for visit in [Visit::events("/"), Visit::socket("/")] {
        let mut viewer = Trial::visit(Ticks, visit);
        viewer.advance(seconds(60));
        let heard = viewer.heard();
        assert_eq!(heard.len(), 6, "{heard:?}");
        assert!(heard.iter().all(|heard| !heard.is_keep_alive()), "{heard:?}");
    }
}

#[test]
fn a_socket_that_answers_no_ping_is_given_up_after_20_s() {
    let mut deaf = Trial::start(Websocket);
    deaf.ignore_pings();
    while !deaf.heard().contains(&Heard::Ping) {
        deaf.advance(seconds(1));
    }
    // A ping is heard up to a second late.
    deaf.advance(seconds(18)).expect_nothing().expect_no_finish();
    deaf.advance(seconds(2)).expect(Heard::Cut).expect_finish(FinishReason::TimedOut);
}

#[test]
fn whatever_a_socket_says_is_as_good_as_a_pong() {
    let mut deaf = Trial::start(Websocket);
    deaf.ignore_pings();
    for _ in 0..10 {
        deaf.advance(seconds(40)).ping(b"");
    }
    deaf.expect_no_finish();
}
