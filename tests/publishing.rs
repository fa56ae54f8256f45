//! Publishing by HTTP: who shows the token says it on the channels that were given, and no others.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};
use serde::Serialize;

const NEWS: Channel = Channel::new("news").history(10).event("said");
const ROOM: Channel = Channel::new("room");
const ROWS: Channel = Channel::new("rows").numbered().history(10);
const PRICES: Channel<Price> = Channel::new("prices").history(10).latest_by(|price| &price.symbol);

#[derive(Serialize)]
struct Price {
    symbol: String,
}

/// Hears the channel its path names.
#[action(transport = websocket | sse)]
struct Listener;

#[callbacks]
impl Listener {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let channel: String = cx.param("channel")?;
        cx.subscribe(match channel.as_str() {
            "news" => (&NEWS).into(),
            "rows" => (&ROWS).into(),
            "prices" => PRICES.replay(Replay::LatestPerKey),
            name => crampon::action::Subscription::from(name),
        });
        Ok(())
    }
}

fn house() -> World {
    let publisher = Publisher::new("open-sesame").to(&NEWS).to(&ROOM).to(&ROWS).to(&PRICES);
    let routes =
        Routes::new().at("/{channel}", || Listener).post("/publish/{channel}", publisher.recipe());
    World::with(routes, |server| server.limits(|limits| limits.event_bytes_max = 100))
}

/// A post by one who knows the token.
fn post(to: &str, body: impl Into<Vec<u8>>) -> Visit {
    Visit::post(&format!("/publish/{to}"), body).header("authorization", "Bearer open-sesame")
}

fn said(name: &str, data: &str) -> (String, String) {
    (name.to_owned(), data.to_owned())
}

/// The names and the data of the events heard.
fn events(listener: &mut Trial) -> Vec<(String, String)> {
    let heard = listener.heard().into_iter();
    let events = heard.filter_map(|heard| match heard {
        Heard::Event { name, data, .. } => Some((name, data)),
        _ => None,
    });
    events.collect()
}

#[test]
fn what_is_posted_is_heard_by_all_who_listen() {
    let world = house();
    let (mut events, mut socket) = (world.events("/news"), world.socket("/news"));
    world.visit(post("news", "it rains")).expect_status(204);
    world.visit(post("news?event=flash", "it pours")).expect_status(204);
    events.expect_event("said", "it rains").expect_event("flash", "it pours");
    socket.expect_render("it rains").expect_render("it pours");
}

#[test]
fn a_member_of_a_channel_is_published_on_by_the_rules_of_the_channel() {
    let world = house();
    let mut kitchen = world.socket("/room:kitchen");
    let mut room = world.socket("/room");
    world.visit(post("room:kitchen", "dinner")).expect_status(204);
    world.visit(post("room%3Akitchen", "is ready")).expect_status(204);
    kitchen.expect_render("dinner").expect_render("is ready");
    room.expect_nothing();
}

#[test]
fn who_shows_no_token_or_another_is_refused_before_the_body_is_read() {
    let world = house();
    let mut news = world.socket("/news");
    for shown in [
        None,
        Some("open-sesame"),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer open-sesam"),
        Some("Bearer open-sesame!"),
        Some("Bearer Open-sesame"),
        Some("Basic open-sesame"),
    ] {
        for to in ["news", "nowhere"] {
            let visit = Visit::post(&format!("/publish/{to}"), "").announcing(50);
            let visit = match shown {
                Some(shown) => visit.header("authorization", shown),
                None => visit,
            };
            world.visit(visit).expect_status(401).expect_header("www-authenticate", "Bearer");
        }
    }
    news.expect_nothing();
    let lower = Visit::post("/publish/news", "x").header("authorization", "bearer  open-sesame");
    world.visit(lower).expect_status(204);
    news.expect_render("x");
}

#[test]
fn a_channel_that_was_not_given_is_not_found() {
    let world = house();
    for to in ["secrets", "newsroom", "new", "xnews", ""] {
        assert_eq!(world.visit(post(to, "x")).status(), Some(404), "{to}");
    }
    let mut refused = world.visit(post("secrets", "x"));
    refused.expect_render("no channel `secrets` is published on here\n");
}

#[test]
fn a_body_is_text_or_if_it_says_so_bytes() {
    let world = house();
    let mut room = world.socket("/room");
    for kind in [
        "text/plain",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "image/png",
    ] {
        let visit = post("room?event=x", "event=y&channel=z").header("content-type", kind);
        world.visit(visit).expect_status(204);
        room.expect_render("event=y&channel=z");
        let visit = post("room", b"\xff\xfe").header("content-type", kind);
        world.visit(visit).expect_status(400);
    }
    let bytes = "Application/Octet-Stream; x=y";
    world.visit(post("room", b"\xff\0").header("content-type", bytes)).expect_status(204);
    room.expect(Heard::Binary(b"\xff\0".to_vec()));
    world.visit(post("room", "")).expect_status(204);
    room.expect_render("");
    room.expect_nothing();
}

#[test]
fn a_channel_of_a_type_takes_json_with_its_key() {
    let world = house();
    let post_price = |to: &str, body: &str| world.visit(post(to, body)).status();
    assert_eq!(post_price("prices?key=a", r#"{"symbol":"a"}"#), Some(204));
    assert_eq!(post_price("prices?key=b", r#"{"symbol":"b"}"#), Some(204));
    assert_eq!(post_price("prices?key=a", r#"{"symbol":"a","cents":7}"#), Some(204));
    assert_eq!(post_price("prices", r#"{"symbol":"a"}"#), Some(400));
    assert_eq!(post_price("prices?key=a", "a costs 7"), Some(400));
    assert_eq!(post_price("prices?key=a", "{} {}"), Some(400));
    let newest =
        [said("message", r#"{"symbol":"b"}"#), said("message", r#"{"symbol":"a","cents":7}"#)];
    assert_eq!(events(&mut world.events("/prices")), newest);
}

#[test]
fn a_numbered_channel_takes_the_ids_of_its_publisher_and_none_twice() {
    let world = house();
    let mut rows = world.events("/rows");
    for (id, status) in [("7", 204), ("9", 204), ("9", 204), ("x", 400), ("", 400)] {
        world.visit(post(&format!("rows?id={id}"), id)).expect_status(status);
    }
    world.visit(post("rows", "of no number")).expect_status(400);
    let expected = |id: &str| Heard::Event {
        name: "message".to_owned(),
        id: id.to_owned(),
        data: id.to_owned(),
    };
    rows.expect(expected("7")).expect(expected("9")).expect_nothing();
}

#[test]
fn what_nobody_could_be_told_is_refused() {
    let world = house();
    let mut news = world.socket("/news");
    world.visit(post("news?event=two%0Alines", "x")).expect_status(400);
    world.visit(post("news?id=7", "x")).expect_status(400);
    news.expect_nothing();
}

#[test]
fn an_event_longer_than_a_server_takes_is_refused_by_its_announcement_or_when_it_is_there() {
    let world = house();
    let mut news = world.socket("/news");
    world.visit(post("news", "").announcing(101)).expect_status(413);
    let mut chunked = world.connect();
    let head = "POST /publish/news HTTP/1.1\r\nhost: test\r\n\
                authorization: Bearer open-sesame\r\ntransfer-encoding: chunked\r\n\r\n";
    chunked.send_bytes(format!("{head}65\r\n{}\r\n0\r\n\r\n", "x".repeat(101)).as_bytes());
    chunked.expect_status(413);
    news.expect_nothing();
    let longest = "x".repeat(100);
    world.visit(post("news", longest.as_str())).expect_status(204);
    news.expect_render(&longest);
}

#[test]
#[should_panic(expected = "an empty token would let anyone publish")]
fn an_empty_token_is_none() {
    let _ = Publisher::new("");
}

#[test]
#[should_panic(expected = "it travels in a header")]
fn a_token_no_client_could_send_is_none() {
    let _ = Publisher::new("two words");
}

#[test]
fn a_publisher_does_not_print_its_token() {
    let shown = format!("{:?}", Publisher::new("open-sesame").to(&NEWS));
    assert_eq!(shown, r#"Publisher { channels: ["news"], .. }"#);
}
