//! Defects 1 to 4 and 12: what went over the wires.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

use super::seconds;

/// Defect 1: a raw space went out whatever the transport. In chunks and frames it broke the
/// framing; in events it hid the next field; on a poll it was the beginning of no answer.
#[test]
fn a_silent_hour_leaves_every_wire_intact() {
    macro_rules! silent {
        ($($name:ident: $transport:ident,)*) => { $(
            #[action(transport = $transport, keep_alive = "5s")]
            struct $name;

            #[callbacks]
            impl $name {
                #[on_start]
                fn start(&mut self, cx: &mut Context<Self>) {
                    cx.after(seconds(3_600), |_, cx| {
                        cx.render("at last");
                        cx.finish();
                    });
                }
            }
        )* };
    }
    silent! { Chunks: chunked, Events: sse, Socket: websocket, }

    for mut silent in [Trial::start(Chunks), Trial::start(Events), Trial::start(Socket)] {
        silent.advance(seconds(3_600));
        let mut heard = silent.heard();
        let signs_of_life =
            |heard: &Heard| heard.is_keep_alive() || *heard == Heard::Chunk(b" ".to_vec());
        assert!(heard.iter().filter(|heard| signs_of_life(heard)).count() >= 700, "{heard:?}");
        heard.retain(|heard| !signs_of_life(heard));
        assert_eq!(heard[0].rendered().as_deref(), Some("at last"));
        assert_eq!(heard.last(), Some(&Heard::End));
    }
}

/// Defect 1, where there is nothing to write: a poll has no body before its answer.
#[test]
fn a_poll_that_waits_is_silent() {
    #[action(transport = long_polling)]
    struct Poll;

    #[callbacks]
    impl Poll {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            cx.after(seconds(24), |_, cx| cx.render("at last"));
        }
    }

    let mut poll = Trial::start(Poll);
    assert!(poll.advance(seconds(23)).heard().is_empty());
    assert_eq!(poll.status(), None);
    poll.advance(seconds(1)).expect(Heard::Body(b"at last".to_vec())).expect_end();
}

/// What happened, by number; the viewer is told from where it left off.
#[action(transport = sse)]
struct Resumed {
    latest: u64,
}

#[callbacks]
impl Resumed {
    #[before_start]
    fn resume(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.latest = cx.last_event_id()?.unwrap_or(0);
        Ok(())
    }

    #[on_start]
    #[periodic_timer(every = "1s")]
    fn next(&mut self, cx: &mut Context<Self>) {
        self.latest += 1;
        cx.render(Event::new(format!("event {}", self.latest)).id(self.latest));
    }
}

fn event(id: u64) -> Heard {
    Heard::Event { name: "message".into(), id: id.to_string(), data: format!("event {id}") }
}

/// Defect 2: the id was the same for every event of a connection, and nothing read it back.
#[test]
fn every_event_has_its_own_id_and_a_reconnect_goes_on_from_the_last() {
    let world = World::new(Routes::new().at("/", || Resumed { latest: 0 }));
    let mut first = world.events("/");
    first.expect(event(1)).advance(seconds(2));
    first.expect(event(2)).expect(event(3)).hang_up();

    let mut second = world.visit(Visit::events("/").header("last-event-id", "3"));
    second.expect(event(4)).expect_nothing();
    world.visit(Visit::events("/").header("last-event-id", "x")).expect_status(400);
}

/// Renders what it is given on its one wire.
#[action(transport = sse)]
struct Says(Vec<Event<'static>>);

#[callbacks]
impl Says {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        for event in self.0.drain(..) {
            cx.render(event);
        }
    }
}

/// Defect 3: lines ended at LF alone, empty lines at the end were lost, and an event of no text
/// never fired.
#[test]
fn data_arrives_line_by_line_as_it_was_said() {
    for (said, heard) in [
        ("one\ntwo", "one\ntwo"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\rtwo", "one\ntwo"),
        ("one\n\n", "one\n\n"),
        ("\n", "\n"),
        ("", ""),
        (" indented", " indented"),
        ("data: not a field", "data: not a field"),
    ] {
        let mut says = Trial::start(Says(vec![Event::new(said)]));
        says.expect_event("message", heard).expect_nothing();
    }
}

/// Defect 3: a line break in a name or an id began a field of the sender's choosing.
#[test]
fn a_name_or_an_id_that_would_break_the_line_is_refused() {
    for event in [
        Event::new("a").named("tick\ndata: forged"),
        Event::new("a").named("tick\rid: 9"),
        Event::new("a").id("7\nevent: forged"),
        Event::new("a").id("7\0"),
    ] {
        let mut says = Trial::start(Says(vec![event, Event::new("after")]));
        assert!(!says.heard().iter().any(|heard| heard.rendered().is_some_and(|data| data == "a")));
        says.expect_finish(FinishReason::Failed);
    }
}

/// Does with its poll what the test wants.
#[action(transport = long_polling)]
struct Polled(fn(&mut Context<Self>) -> Result<(), String>);

#[callbacks]
impl Polled {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        (self.0)(cx)
    }
}

/// Defect 4: a poll that finished without a render, or failed, was never answered.
#[test]
fn a_poll_is_answered_once_whatever_its_action_does() {
    type Does = fn(&mut Context<Polled>) -> Result<(), String>;
    let cases: [(Does, u16, Option<&str>); 6] = [
        (
            |cx| {
                cx.finish();
                Ok(())
            },
            204,
            None,
        ),
        (|_| Err("no news agency".into()), 500, Some("Something went wrong\n")),
        (|_| panic!("no news agency"), 500, Some("Something went wrong\n")),
        (
            |cx| {
                cx.render("one");
                cx.render("two");
                Ok(())
            },
            200,
            Some("one"),
        ),
        (
            |cx| {
                cx.render("one");
                cx.finish();
                Ok(())
            },
            200,
            Some("one"),
        ),
        (
            |cx| {
                cx.render("one");
                Err("too late".into())
            },
            500,
            Some("Something went wrong\n"),
        ),
    ];
    for (does, status, body) in cases {
        let mut poll = Trial::start(Polled(does));
        poll.expect_status(status);
        if let Some(body) = body {
            poll.expect_render(body);
        }
        poll.expect_end().expect_nothing();
    }
}

/// Defect 4: `Content-Length` counted characters.
#[test]
fn the_length_of_a_poll_is_counted_in_bytes() {
    let mut poll = Trial::start(Polled(|cx| {
        cx.render("東京🧗");
        Ok(())
    }));
    poll.expect_header("content-length", "10").expect_render("東京🧗").expect_end();
}

/// Defect 12: `Connection: keep-alive` stood above bodies that only a close could end.
#[test]
fn a_body_that_ends_with_the_connection_promises_no_other_request() {
    let mut says = Trial::start(Says(vec![Event::new("hello")]));
    says.expect_header("connection", "close");
    assert_eq!(says.header("content-length"), None);
    assert_eq!(says.header("transfer-encoding"), None);
}
