//! WebSockets: how long a message may be, in how many fragments, and how fast they may come.

use std::time::Duration;

use crampon::TooFast;
use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::trial::{Heard, Trial};

use super::Scene;

/// Says what it was told.
#[action(transport = websocket)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn echo(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}

/// Says that it was told something, when it has heard all parts of it.
#[action(transport = websocket)]
struct Listener;

#[callbacks]
impl Listener {
    #[on_data(stream)]
    fn listen(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        if part.is_last {
            cx.render("a message");
        }
    }
}

/// Is told nothing faster than twice a second.
#[action(transport = websocket, messages_per_second_max = 2)]
struct Confessor;

#[callbacks]
impl Confessor {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, said: &str) {
        cx.render(said);
    }
}

/// Takes longer messages than others, and says goodbye to whoever does.
#[action(transport = websocket, message_bytes_max = 2000)]
struct Patient;

#[callbacks]
impl Patient {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, said: &str) {
        match said {
            "goodbye" => cx.close(1000, "goodbye"),
            said => cx.render(said),
        }
    }
}

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    let routes = Routes::new().at("/", || Echo).at("/parts", || Listener);
    let routes = routes.at("/patient", || Patient);
    Scene::new(routes.at("/slowly", || Confessor), set)
}

/// One masked frame; its key is zero, so that the payload is itself.
fn frame(opcode: u8, is_final: bool, payload: &[u8]) -> Vec<u8> {
    let head = u8::from(is_final) << 7 | opcode;
    let length = u16::try_from(payload.len()).expect("the test sends short frames");
    let mut frame = match length {
        0..126 => vec![head, 0x80 | length as u8],
        _ => [vec![head, 0x80 | 126], length.to_be_bytes().to_vec()].concat(),
    };
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// How many messages were answered since it was last asked.
fn answers(socket: &mut Trial) -> usize {
    socket.heard().iter().filter(|heard| matches!(heard, Heard::Text(_))).count()
}

#[test]
fn a_message_may_have_so_many_bytes_in_one_frame_or_in_several() {
    for path in ["/", "/parts"] {
        let scene = scene(|limits| limits.message_bytes_max = 1000);
        let mut good = scene.world.socket(path);
        good.send(&"x".repeat(1000));
        good.send_bytes(&frame(1, false, &[b'x'; 600]));
        good.send_bytes(&frame(0, true, &[b'x'; 400]));
        assert_eq!(answers(&mut good), 2);
        let mut long = scene.world.socket(path);
        long.send(&"x".repeat(1001)).expect_close(1009);
        let mut fragmented = scene.world.socket(path);
        fragmented.send_bytes(&frame(1, false, &[b'x'; 600]));
        // The header alone says that it is too long.
        fragmented.send_bytes(&frame(0, true, &[b'x'; 401])[..8]);
        fragmented
            .expect_close(1009)
            .expect_finish(FinishReason::Disconnected { code: Some(1009) });
        assert_eq!(scene.refusals("message_too_long"), 2);
    }
}

/// It was held to the server's limit, and cut off before its own close was heard.
#[test]
fn a_message_that_was_under_way_as_its_socket_was_closed_may_still_be_as_long() {
    let scene = scene(|limits| limits.message_bytes_max = 1000);
    let mut socket = scene.world.socket("/patient");
    let long = "x".repeat(2000);
    socket.send(&long).expect_render(&long);
    // What the server says does not arrive yet.
    socket.wire().set_window(Some(0));
    socket.send("goodbye").send(&long).expect_nothing();
    socket.send_bytes(&frame(1, false, &[b'x'; 2000]));
    socket.send_bytes(&frame(0, true, b""));
    assert_eq!(scene.refusals("message_too_long"), 0);
    assert!(!socket.wire().is_closed(), "its own close is waited for");
    socket.wire().set_window(None);
    socket.world().advance(Duration::ZERO);
    socket.expect_close(1000).expect_finish(FinishReason::Finished);
    assert!(socket.wire().is_closed(), "both have closed");
}

#[test]
fn a_message_may_have_so_many_fragments() {
    for path in ["/", "/parts"] {
        let scene = scene(|limits| limits.fragments_max = 5);
        let begun = |fragments: usize| {
            let socket = scene.world.socket(path);
            socket.send_bytes(&frame(1, false, b""));
            (1..fragments).for_each(|_| socket.send_bytes(&frame(0, false, b"")));
            socket
        };
        let mut good = begun(4);
        good.send_bytes(&frame(9, true, b"between"));
        good.send_bytes(&frame(0, true, b"x"));
        assert_eq!(answers(&mut good), 1);
        let mut bad = begun(5);
        bad.expect_nothing().send_bytes(&frame(0, true, b"x"));
        bad.expect_close(1009);
        assert_eq!(scene.refusals("message_too_long"), 1);
    }
}

#[test]
fn by_default_a_message_may_have_65_536_fragments() {
    let scene = scene(|_| {});
    let mut socket = scene.world.socket("/");
    let begin = frame(1, false, b"x");
    let more = frame(0, false, b"x").repeat(65_534);
    socket.send_bytes(&[begin, more, frame(0, true, b"x")].concat());
    socket.expect_render(&"x".repeat(65_536));
}

fn paced(too_fast: TooFast) -> Scene {
    scene(|limits| {
        limits.messages_per_second_max = Some(10);
        limits.messages_at_once_max = 5;
        limits.messages_too_fast = too_fast;
    })
}

#[test]
fn a_socket_that_sends_too_fast_is_held_back_and_loses_nothing() {
    for path in ["/", "/parts"] {
        let scene = paced(TooFast::HoldBack);
        let mut socket = scene.world.socket(path);
        socket.send_bytes(&frame(1, true, b"x").repeat(5));
        assert_eq!(answers(&mut socket), 5);
        assert_eq!(scene.refusals("messages_too_fast"), 0, "at the edge nothing is held back");
        socket.send_bytes(&frame(1, true, b"x").repeat(26));
        assert_eq!(answers(&mut socket), 5, "a second is worth ten, of which five at once");
        socket.advance(Duration::from_millis(99));
        assert_eq!(answers(&mut socket), 0);
        socket.advance(Duration::from_millis(1));
        assert_eq!(answers(&mut socket), 1);
        socket.advance(Duration::from_millis(1000));
        assert_eq!(answers(&mut socket), 10);
        socket.advance(Duration::from_millis(1000));
        assert_eq!(answers(&mut socket), 10, "all are heard");
        socket.advance(Duration::from_secs(60)).expect_no_finish();
        assert!(scene.refusals("messages_too_fast") > 0);
    }
}

#[test]
fn a_socket_that_is_held_back_for_long_is_not_taken_for_lost() {
    let scene = paced(TooFast::HoldBack);
    let mut socket = scene.world.socket("/");
    socket.send_bytes(&frame(1, true, b"x").repeat(1000));
    socket.advance(Duration::from_secs(90)).expect_no_finish();
    assert_eq!(answers(&mut socket), 5 + 900);
    socket.advance(Duration::from_secs(10));
    assert_eq!(answers(&mut socket), 95);
    socket.close(1000, "").expect_close(1000);
}

#[test]
fn pings_count_as_messages() {
    let scene = paced(TooFast::HoldBack);
    let mut socket = scene.world.socket("/");
    socket.send_bytes(&frame(9, true, b"x").repeat(20));
    assert_eq!(socket.heard().len(), 5);
    socket.advance(Duration::from_secs(1));
    assert_eq!(socket.heard().len(), 10);
}

#[test]
fn a_socket_that_sends_too_fast_may_be_closed_instead() {
    let scene = paced(TooFast::Close);
    let mut good = scene.world.socket("/");
    for _ in 0..20 {
        good.send("x").expect_render("x").advance(Duration::from_millis(100));
    }
    let mut bad = scene.world.socket("/");
    bad.send_bytes(&frame(1, true, b"x").repeat(6));
    for _ in 0..5 {
        bad.expect_render("x");
    }
    bad.expect_close(1008).expect_finish(FinishReason::Disconnected { code: Some(1008) });
    assert_eq!(scene.refusals("messages_too_fast"), 1);
}

#[test]
fn an_action_may_say_how_fast_it_is_told_something() {
    for of_server in [None, Some(1_000)] {
        for too_fast in [TooFast::HoldBack, TooFast::Close] {
            let scene = scene(|limits| {
                limits.messages_per_second_max = of_server;
                limits.messages_at_once_max = 5;
                limits.messages_too_fast = too_fast;
            });
            let [mut slow, mut other] = ["/slowly", "/"].map(|path| scene.world.socket(path));
            slow.send_bytes(&frame(1, true, b"x").repeat(6));
            other.send_bytes(&frame(1, true, b"x").repeat(5));
            assert_eq!((answers(&mut slow), answers(&mut other)), (5, 5), "{too_fast:?}");
            slow.advance(Duration::from_millis(500));
            match too_fast {
                TooFast::HoldBack => assert_eq!(answers(&mut slow), 1),
                TooFast::Close => {
                    slow.expect_finish(FinishReason::Disconnected { code: Some(1008) });
                }
            }
        }
    }
}

#[test]
fn a_place_that_had_a_pace_has_none_for_the_next() {
    let scene = scene(|limits| limits.messages_at_once_max = 5);
    let mut slow = scene.world.socket("/slowly");
    slow.send_bytes(&frame(1, true, b"x").repeat(5));
    slow.close(1000, "").expect_render("x");
    scene.world.advance(Duration::from_secs(1));
    drop(slow);
    scene.world.advance(Duration::from_secs(10));
    let mut next = scene.world.socket("/");
    next.send_bytes(&frame(1, true, b"x").repeat(1_000));
    assert_eq!(answers(&mut next), 1_000);
}

#[test]
fn a_socket_that_sends_a_burst_may_close_behind_it() {
    for too_fast in [TooFast::Close, TooFast::HoldBack] {
        let scene = paced(too_fast);
        let mut socket = scene.world.socket("/");
        socket.send_bytes(&frame(1, true, b"x").repeat(5));
        socket.close(1000, "");
        socket.advance(Duration::from_secs(1));
        assert_eq!(answers(&mut socket), 5, "{too_fast:?}");
        socket.expect_finish(FinishReason::Disconnected { code: Some(1000) });
    }
}

#[test]
fn a_socket_that_is_held_back_does_not_hold_up_a_stop() {
    let scene = paced(TooFast::HoldBack);
    let mut socket = scene.world.socket("/");
    socket.send_bytes(&frame(1, true, b"x").repeat(500));
    socket.close(1000, "");
    scene.world.stop();
    socket.expect_finish(FinishReason::ServerStopping);
    assert!(socket.wire().is_closed(), "its own close was heard among what it had sent");
}
