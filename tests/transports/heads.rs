//! The head: which headers, and when it goes out.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit};
use crampon_tests::on_every_transport;

use crate::{head, seconds};

on_every_transport! { greeting:
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.finish();
    }
}

/// The head each transport has by itself, with `connection: close` where the connection ends.
fn head_of(transport: Transport) -> &'static [&'static str] {
    match transport {
        Transport::Regular => &["content-type: text/html; charset=utf-8", "content-length: 5"],
        Transport::Chunked => {
            &["content-type: text/html; charset=utf-8", "transfer-encoding: chunked"]
        }
        Transport::Sse => &[
            "content-type: text/event-stream; charset=utf-8",
            "cache-control: no-store",
            "x-accel-buffering: no",
            "connection: close",
        ],
        Transport::LongPolling => &[
            "cache-control: no-store",
            "content-type: text/html; charset=utf-8",
            "content-length: 5",
        ],
        Transport::Websocket => &[
            "upgrade: websocket",
            "connection: Upgrade",
            "sec-websocket-accept: BgSWVF/thHYbdULCkvozeH/P//A=",
        ],
    }
}

#[test]
fn each_transport_has_its_head() {
    for stage in greeting::stages() {
        let mut viewer = stage.visit();
        viewer.expect_status(stage.success());
        assert_eq!(head(&viewer), head_of(stage.transport), "{}", stage.transport);
    }
}

#[test]
fn every_answer_but_an_upgrade_is_dated() {
    for stage in greeting::stages() {
        let date = stage.visit().header("date");
        let is_dated = date.is_some_and(|date| date.len() == 29 && date.ends_with(" GMT"));
        assert_eq!(is_dated, stage.transport != Transport::Websocket, "{}", stage.transport);
    }
}

on_every_transport! { waiting:
    #[on_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_secs(1), |_, cx| cx.render("hello"));
        cx.after(Duration::from_secs(2), |_, cx| cx.finish());
    }
}

#[test]
fn a_stream_says_at_once_that_it_serves_and_the_others_with_their_first_word() {
    for stage in waiting::stages() {
        let mut viewer = stage.visit();
        assert_eq!(viewer.status().is_some(), stage.is_stream(), "{}", stage.transport);
        viewer.advance(seconds(1)).expect_status(stage.success()).expect_render("hello");
    }
}

#[test]
fn a_regular_answer_flushed_before_its_end_goes_in_chunks() {
    let [regular, ..] = waiting::stages();
    let mut viewer = regular.visit();
    viewer.advance(seconds(1)).expect(Heard::Chunk(b"hello".into())).expect_nothing();
    assert_eq!(head(&viewer), head_of(Transport::Chunked));
    viewer.advance(seconds(1)).expect_end();
}

on_every_transport! { created:
    #[before_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.set_status(201);
        cx.set_header("content-type", "text/plain");
        cx.set_header("cache-control", "max-age=60");
        cx.set_header("X-Mood", "calm");
        cx.set_header("x-mood", "glad");
        cx.set_header("set-cookie", "a=1");
        cx.set_header("Set-Cookie", "b=2");
    }

    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.finish();
    }
}

#[test]
fn the_headers_of_an_action_are_in_the_head_of_every_transport() {
    for stage in created::stages() {
        let viewer = stage.visit();
        let headers = viewer.headers();
        let own = headers.iter().filter(|(name, _)| name == "x-mood" || name == "set-cookie");
        let own: Vec<_> = own.map(|(_, value)| value.as_str()).collect();
        assert_eq!(own, ["glad", "a=1", "b=2"], "{}", stage.transport);
    }
}

#[test]
fn what_makes_a_stream_of_events_or_a_socket_stays_the_transports() {
    for stage in created::stages() {
        let viewer = stage.visit();
        let seen = ["content-type", "cache-control"].map(|name| viewer.header(name));
        let seen = (viewer.status(), seen.each_ref().map(Option::as_deref));
        let expected = match stage.transport {
            Transport::Regular | Transport::Chunked | Transport::LongPolling => {
                (Some(201), [Some("text/plain"), Some("max-age=60")])
            }
            Transport::Sse => {
                (Some(201), [Some("text/event-stream; charset=utf-8"), Some("no-store")])
            }
            Transport::Websocket => (Some(101), [Some("text/plain"), Some("max-age=60")]),
        };
        assert_eq!(seen, expected, "{}", stage.transport);
    }
}

#[test]
fn the_content_type_follows_from_the_first_render() {
    type Say = fn(&mut Context<Says>);

    #[action(transport = regular | long_polling)]
    struct Says(Say);

    #[callbacks]
    impl Says {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            (self.0)(cx);
            cx.finish();
        }
    }

    let says: [(Say, Option<&str>); 5] = [
        (|cx| cx.render("text"), Some("text/html; charset=utf-8")),
        (|cx| cx.render(Event::json(&[1, 2])), Some("application/json")),
        (|cx| cx.render(Event::binary(b"\x00")), Some("application/octet-stream")),
        (|cx| cx.render(&b"bytes"[..]), Some("application/octet-stream")),
        (|cx| cx.set_status(204), None),
    ];
    for (say, content_type) in says {
        let viewer = Trial::start(Says(say));
        assert_eq!(viewer.header("content-type").as_deref(), content_type);
    }
}

#[action(transport = websocket, subprotocols = ["chat.v2", "chat.v1"])]
struct Spoken;

#[callbacks]
impl Spoken {
    #[on_start]
    fn tell(&mut self, cx: &mut Context<Self>) {
        cx.render(cx.subprotocol().unwrap_or("none").to_owned());
    }
}

#[test]
fn a_socket_speaks_the_first_subprotocol_offered_that_is_listed() {
    for (offers, agreed) in [
        (&["chat.v1"][..], Some("chat.v1")),
        (&["chat.v1, chat.v2"], Some("chat.v1")),
        (&["chat.v3", "chat.v2,chat.v1"], Some("chat.v2")),
        (&["chat.v3"], None),
        (&["CHAT.V1"], None),
        (&[], None),
    ] {
        let visit = offers
            .iter()
            .fold(Visit::socket("/"), |visit, offer| visit.header("sec-websocket-protocol", offer));
        let mut socket = Trial::visit(Spoken, visit);
        socket.expect_status(101).expect_render(agreed.unwrap_or("none"));
        assert_eq!(socket.header("sec-websocket-protocol").as_deref(), agreed, "{offers:?}");
    }
}

#[test]
fn an_offer_that_is_no_subprotocol_is_a_bad_request() {
    let visit = Visit::socket("/").header("sec-websocket-protocol", "chat.v1, two words");
    let mut refused = Trial::visit(Spoken, visit);
    refused.expect_status(400).expect_render("subprotocol `two words` is not a token\n");
}

on_every_transport! { bodiless:
    #[before_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.set_status(204);
    }

    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        cx.render("hello");
        cx.after(Duration::from_secs(1), |_, cx| cx.finish());
    }
}

/// A body behind a status that has none would be taken for the next answer.
#[test]
fn a_status_without_a_body_has_none_on_any_transport() {
    for stage in bodiless::stages().into_iter().take(4) {
        let mut viewer = stage.visit();
        stage.world.publish("room", "news");
        viewer.advance(seconds(1)).expect_status(204).expect_end().expect_nothing();
        if stage.transport != Transport::Sse {
            viewer.again(stage.request()).advance(seconds(1)).expect_status(204).expect_end();
        }
    }
}
