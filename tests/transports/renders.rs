//! A render: what each wire makes of text, bytes, JSON, and what an event has besides.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, World};
use crampon_tests::on_every_transport;
use crampon_tests::stage::Listening;

use crate::seconds;

on_every_transport! { twice:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render("one");
        cx.render("two");
        cx.finish();
    }
}

fn event(data: &str) -> Heard {
    Heard::Event { name: "message".into(), id: String::new(), data: data.into() }
}

#[test]
fn two_renders_are_one_body_two_chunks_two_events_one_answer_two_messages() {
    for stage in twice::stages() {
        let expected = match stage.transport {
            Transport::Regular => vec![Heard::Body(b"onetwo".into())],
            Transport::Chunked => vec![Heard::Chunk(b"one".into()), Heard::Chunk(b"two".into())],
            Transport::Sse => vec![event("one"), event("two")],
            Transport::LongPolling => vec![Heard::Body(b"one".into())],
            Transport::Websocket => vec![Heard::Text("one".into()), Heard::Text("two".into())],
        };
        let mut viewer = stage.visit();
        for heard in expected {
            viewer.expect(heard);
        }
        if stage.transport == Transport::Websocket {
            viewer.expect_close(1000);
        }
        viewer.expect_end().expect_nothing();
    }
}

on_every_transport! { bytes:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render(&[0, 159, 146, 150][..]);
        cx.finish();
    }
}

#[test]
fn bytes_are_bytes_and_an_error_on_an_event_stream() {
    let log = Listening::listen();
    for stage in bytes::stages() {
        let said = vec![0, 159, 146, 150];
        let mut viewer = stage.visit();
        match stage.transport {
            Transport::Regular | Transport::LongPolling => viewer.expect(Heard::Body(said)),
            Transport::Chunked => viewer.expect(Heard::Chunk(said)),
            Transport::Websocket => viewer.expect(Heard::Binary(said)).expect_close(1000),
            Transport::Sse => viewer.expect_finish(FinishReason::Failed),
        };
        viewer.expect_end();
    }
    log.expect_line(&["an event stream carries text only", "Probe", "say"]);
}

on_every_transport! { values:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render(Event::json(&[("a", 1)]));
        cx.finish();
    }
}

#[test]
fn a_value_is_json_on_every_transport() {
    for stage in values::stages() {
        stage.visit().expect_render(r#"[["a",1]]"#);
    }
}

on_every_transport! { no_json:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        let keyed = std::collections::BTreeMap::from([((), "a key that is no text")]);
        cx.render(Event::json(&keyed));
    }
}

/// Half of a value must not stay on the wire.
#[test]
fn a_value_that_cannot_be_json_fails_its_callback_and_leaves_nothing_behind() {
    let log = Listening::listen();
    for stage in no_json::stages() {
        let mut viewer = stage.visit();
        viewer.expect_finish(FinishReason::Failed);
        match stage.transport {
            Transport::Websocket => viewer.expect_close(1011).expect_end(),
            Transport::Sse => viewer.expect_end(),
            Transport::Chunked => viewer.expect(Heard::Cut),
            _ => viewer.expect_status(500).expect_render("Something went wrong\n").expect_end(),
        };
        viewer.expect_nothing();
    }
    assert_eq!(log.lines_with("cannot be written as JSON").len(), 5);
}

on_every_transport! { adorned:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render(Event::comment("nobody hears this"));
        cx.render(Event::retry_after(Duration::from_millis(2_500)));
        cx.render(Event::new("up").named("tick").id(7).retry(Duration::from_secs(3)));
        cx.render(Event::new("down").named("tick"));
    }
}

#[test]
fn names_ids_retries_and_comments_are_for_event_streams_and_left_out_elsewhere() {
    for stage in adorned::stages() {
        let mut viewer = stage.visit();
        match stage.transport {
            Transport::Sse => {
                let tick = |data: &str| Heard::Event {
                    name: "tick".into(),
                    id: "7".into(),
                    data: data.into(),
                };
                let expected = [
                    Heard::Comment("nobody hears this".into()),
                    Heard::Retry(Duration::from_millis(2_500)),
                    Heard::Retry(seconds(3)),
                    tick("up"),
                    tick("down"),
                ];
                assert_eq!(viewer.heard(), expected);
                &mut viewer
            }
            Transport::Regular => viewer.expect_render("updown"),
            Transport::LongPolling => viewer.expect_render("up").expect_end(),
            _ => viewer.expect_render("up").expect_render("down"),
        }
        .expect_nothing();
    }
}

#[test]
fn the_lines_of_an_event_are_the_lines_of_its_text_however_they_end() {
    #[action(transport = sse)]
    struct Says(&'static str);

    #[callbacks]
    impl Says {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            cx.render(self.0);
        }
    }

    for (text, heard) in [
        ("a\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\r\nb", "a\nb"),
        ("a\n\nb", "a\n\nb"),
        ("a\n\rb", "a\n\nb"),
        ("a\n", "a\n"),
        ("\n", "\n"),
        (" a: b", " a: b"),
        ("a\n\nevent: forged\ndata: b", "a\n\nevent: forged\ndata: b"),
    ] {
        Trial::start(Says(text)).expect(event(heard)).expect_nothing();
    }
}

/// The id and the name stand on lines of their own, so they must be one line each.
#[test]
fn an_id_or_a_name_of_two_lines_fails_the_callback() {
    type Say = fn(&mut Context<Says>);

    #[action(transport = sse)]
    struct Says(Say);

    #[callbacks]
    impl Says {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            (self.0)(cx);
        }
    }

    let says: [Say; 4] = [
        |cx| cx.render(Event::new("x").id("7\ndata: forged")),
        |cx| cx.render(Event::new("x").id("7\0")),
        |cx| cx.render(Event::new("x").named("tick\rdata: forged")),
        |cx| cx.render(Event::json(&1).named("tick\n")),
    ];
    for say in says {
        let mut viewer = Trial::start(Says(say));
        viewer.expect_status(200).expect_end().expect_finish(FinishReason::Failed);
    }
}

#[test]
fn an_empty_render_ends_no_body_and_is_a_message_or_an_answer() {
    on_every_transport! { empty:
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            cx.render("");
            cx.after(Duration::from_secs(1), |_, cx| {
                cx.render("more");
                cx.finish();
            });
        }
    }

    for stage in empty::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(1)).expect_status(stage.success());
        match stage.transport {
            // One who asked gets an answer, though it has nothing in it.
            Transport::LongPolling => viewer.expect_end(),
            Transport::Websocket => viewer.expect_render("").expect_render("more"),
            // An event without data is dispatched to nobody, so it is sent with an empty line.
            Transport::Sse => viewer.expect(event("")).expect_render("more").expect_end(),
            _ => viewer.expect_render("more").expect_end(),
        };
    }
}

/// What a poll had no room for waits for no one; who comes back asks anew.
#[test]
fn a_poll_that_has_answered_takes_no_more() {
    #[action(transport = long_polling)]
    struct Poll;

    #[callbacks]
    impl Poll {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            cx.after(seconds(1), |_, cx| cx.render("one"));
            cx.after(seconds(2), |_, cx| cx.render("two"));
        }
    }

    let world = World::new(Routes::new().at("/", || Poll));
    let mut poll = world.get("/");
    poll.advance(seconds(5)).expect_status(200).expect_render("one").expect_end().expect_nothing();
}
