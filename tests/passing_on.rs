//! What becomes of a published event on its way to a viewer whose action has no `#[on_message]`,
//! transport by transport; and what is refused where it is published.

use crampon::prelude::*;
use crampon::trial::{Heard, World};
use crampon_tests::on_every_transport;
use crampon_tests::stage::Listening;

on_every_transport! { listeners:
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        self.diary.note("joined");
        cx.subscribe("news");
    }
}

/// What a transport makes of the text `hi`, named `greeting`, with the id 7.
fn carried(transport: Transport) -> Vec<Heard> {
    match transport {
        Transport::Sse => {
            vec![Heard::Event { name: "greeting".into(), id: "7".into(), data: "hi".into() }]
        }
        Transport::Websocket => vec![Heard::Text("hi".into())],
        Transport::LongPolling => vec![Heard::Body(b"hi".to_vec()), Heard::End],
        _ => vec![Heard::Chunk(b"hi".to_vec())],
    }
}

#[test]
fn an_event_goes_straight_to_the_viewer_as_its_transport_carries_it() {
    for stage in listeners::stages() {
        let mut viewer = stage.visit();
        stage.world.publish("news", Event::new("hi").named("greeting").id(7));
        viewer.expect_status(stage.success());
        assert_eq!(viewer.heard(), carried(stage.transport), "{:?}", stage.transport);
    }
}

#[test]
fn a_poll_answers_with_the_first_of_what_is_published() {
    for stage in listeners::stages() {
        let mut viewer = stage.visit();
        stage.world.publish("news", "first").publish("news", "second");
        viewer.expect_render("first");
        match stage.transport {
            Transport::LongPolling => viewer.expect_end().expect_nothing(),
            _ => viewer.expect_render("second").expect_nothing(),
        };
    }
}

#[test]
fn json_is_written_once_and_carried_as_text() {
    for stage in listeners::stages() {
        let mut viewer = stage.visit();
        stage.world.publish("news", Event::json(&["hi"]));
        viewer.expect_json(&["hi"]);
    }
}

#[test]
fn lines_of_a_text_arrive_as_they_were_published() {
    for stage in listeners::stages() {
        let mut viewer = stage.visit();
        stage.world.publish("news", "one\ntwo\n\nthree\n");
        viewer.expect_render("one\ntwo\n\nthree\n");
    }
}

#[test]
fn bytes_reach_those_whose_transport_carries_them_and_the_others_hear_on() {
    for stage in listeners::stages() {
        let log = Listening::listen();
        let mut viewer = stage.visit();
        stage.world.publish("news", Event::binary(&b"\x00\xff"[..]));
        if stage.transport == Transport::Sse {
            log.expect_line(&["ERROR", "a message was not sent", "news", "text only"]);
            viewer.expect_nothing();
            stage.world.publish("news", "still here");
            viewer.expect_render("still here");
            continue;
        }
        let bytes = b"\x00\xff".to_vec();
        viewer.expect(match stage.transport {
            Transport::Websocket => Heard::Binary(bytes),
            Transport::LongPolling => Heard::Body(bytes),
            _ => Heard::Chunk(bytes),
        });
        assert!(log.lines_with("ERROR").is_empty(), "{:?}", stage.transport);
    }
}

/// One mistake is one line, however many hear of it.
#[test]
fn bytes_that_no_event_stream_carries_are_logged_once_a_publish() {
    let [_, _, stage, ..] = listeners::stages();
    let _viewers = [stage.visit(), stage.visit(), stage.visit()];
    let log = Listening::listen();
    stage.world.publish("news", Event::binary(&b"\xff"[..]));
    assert_eq!(log.lines_with("a message was not sent").len(), 1);
    stage.world.publish("news", Event::binary(&b"\xff"[..]));
    assert_eq!(log.lines_with("a message was not sent").len(), 2);
}

/// A chunk without bytes would end the body.
#[test]
fn an_empty_text_is_an_event_or_a_message_and_ends_nothing() {
    for stage in listeners::stages() {
        let mut viewer = stage.visit();
        stage.world.publish("news", "");
        match stage.transport {
            Transport::Sse | Transport::Websocket => {
                viewer.expect_render("");
            }
            Transport::LongPolling => {
                viewer.expect_status(200).expect_end();
                continue;
            }
            _ => {}
        }
        stage.world.publish("news", "more");
        viewer.expect_render("more").expect_nothing();
    }
}

#[test]
fn one_whose_connection_is_gone_hears_nothing() {
    for stage in listeners::stages() {
        let mut viewer = stage.visit();
        viewer.wire().reset();
        stage.world.publish("news", "hi").publish("news", "there");
        viewer.expect_finish(FinishReason::Disconnected { code: None });
    }
}

on_every_transport! { commenting:
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.render(Event::comment("nobody hears this"));
        cx.render(Event::retry_after(Duration::from_secs(3)));
        cx.after(Duration::from_secs(1), |_, cx| cx.render("hi"));
    }
}

#[test]
fn a_comment_and_a_retry_alone_say_nothing_where_there_are_no_events() {
    for stage in commenting::stages() {
        let mut viewer = stage.visit();
        match stage.transport {
            Transport::Sse => {
                let comment = Heard::Comment("nobody hears this".into());
                assert_eq!(viewer.heard(), [comment, Heard::Retry(Duration::from_secs(3))]);
            }
            _ => assert_eq!(viewer.heard(), [], "{:?}", stage.transport),
        }
        viewer.advance(Duration::from_secs(1)).expect_render("hi");
    }
}

/// Publishes what it is told to, and fails if that cannot be.
#[action(transport = regular)]
struct Publisher;

#[callbacks]
impl Publisher {
    #[on_data]
    fn publish(&mut self, cx: &mut Context<Self>, what: &str) {
        cx.publish("news", "before");
        match what {
            "id" => cx.publish("news", Event::new("hi").id("7\nretry: 1")),
            "id with NUL" => cx.publish("news", Event::new("hi").id("7\0")),
            "name" => cx.publish("news", Event::new("hi").named("greeting\rdata: all yours")),
            "map" => {
                let keys_are_lists = std::collections::BTreeMap::from([(vec![1], 1)]);
                cx.publish("news", Event::json(&keys_are_lists));
            }
            "comment" => cx.publish("news", Event::comment("hi")),
            "retry" => cx.publish("news", Event::retry_after(Duration::from_secs(1))),
            _ => cx.publish("news", Event::new("hi").id("7").named("greeting")),
        }
    }
}

/// A viewer of the news.
#[action(transport = websocket)]
struct Viewer;

#[callbacks]
impl Viewer {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("news");
    }
}

#[test]
fn what_no_event_can_carry_is_refused_where_it_is_published() {
    let routes = Routes::new().at("/", || Publisher).at("/viewer", || Viewer);
    let world = World::new(routes);
    let mut viewer = world.socket("/viewer");
    for (what, reason) in [
        ("id", r"event id `7\nretry: 1` has a line break or NUL; an id is one line"),
        ("id with NUL", r"event id `7\0` has a line break or NUL; an id is one line"),
        (
            "name",
            r"event name `greeting\rdata: all yours` has a line break or NUL; a name is one line",
        ),
        ("map", "key must be a string"),
        ("comment", "a comment or a retry time alone is nothing to publish"),
        ("retry", "a comment or a retry time alone is nothing to publish"),
    ] {
        let log = Listening::listen();
        world.post("/", what).expect_status(500);
        log.expect_line(&["ERROR", "Publisher", "publish", reason]);
        viewer.expect_render("before").expect_nothing();
    }
    world.post("/", "nothing wrong").expect_status(204);
    viewer.expect_render("before").expect_render("hi");
}

#[test]
#[should_panic(expected = "has a line break or NUL; a name is one line")]
fn a_world_refuses_it_too() {
    World::new(Routes::new()).publish("news", Event::new("hi").named("a\nb"));
}

const KEPT: Channel = Channel::new("kept").history(1);

/// Hears a channel with cursors and one without.
#[action(transport = sse)]
struct Both;

#[callbacks]
impl Both {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(KEPT);
        cx.subscribe("news");
    }

    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish(KEPT, text);
        cx.publish("news", Event::new("hi").id(7));
    }
}

/// So many are told in one tick that some have to write before they have heard all of it.
#[test]
fn those_whose_wire_breaks_while_they_are_told_end_and_the_others_hear_all() {
    let world = World::with(Routes::new().at("/", || Both), |server| {
        server.limits(|limits| limits.outbox_bytes_max = 100)
    });
    let long = "x".repeat(200);
    let event = format!("data: {long}\nid: 12345678-1\n\n");
    let mut lost: Vec<_> = (0..300).map(|_| world.events("/")).collect();
    for viewer in &mut lost {
        viewer.heard();
        viewer.wire().reset_after(event.len());
    }
    let mut other = world.events("/");
    world.post("/", &*long).expect_status(204);
    other.expect_render(&long).expect_render("hi");
    for viewer in &mut lost {
        viewer.expect_finish(FinishReason::Disconnected { code: None });
    }
}
