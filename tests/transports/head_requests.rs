//! HEAD: the head of what GET would answer, and never a body.

use crampon::prelude::*;
use crampon::trial::{Trial, Visit};
use crampon_tests::on_every_transport;
use crampon_tests::stage::Stage;

use crate::{head, seconds};

on_every_transport! { greeting:
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.diary.note("check");
        match cx.param_text("refuse") {
            Some(_) => Err(Halt::new(403, "not you")),
            None => Ok(()),
        }
    }

    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        self.diary.note("start");
        cx.render("hello");
        cx.finish();
    }

    #[on_finish]
    fn leave(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("finish");
    }
}

fn ask(stage: &Stage, target: &str) -> Trial {
    let visit = Visit::new("HEAD".parse().expect("it is a method"), target);
    stage.world.visit(match stage.transport {
        Transport::Sse => visit.header("accept", "text/event-stream"),
        _ => visit,
    })
}

#[test]
fn the_head_of_a_regular_answer_or_a_stream_is_that_of_get() {
    for stage in greeting::stages().into_iter().take(3) {
        let mut viewer = ask(&stage, "/");
        viewer.expect_status(200).expect_end().expect_nothing();
        assert_eq!(head(&viewer), head(&stage.visit()), "{}", stage.transport);
    }
}

#[test]
fn only_a_regular_action_starts() {
    for stage in greeting::stages() {
        let mut viewer = ask(&stage, "/");
        viewer.advance(seconds(60));
        match stage.transport {
            Transport::Regular => stage.diary.expect(&["check", "start", "finish"]),
            // It is no upgrade, so it gets no further than the routes.
            Transport::Websocket => stage.diary.expect(&[]),
            _ => stage.diary.expect(&["check"]),
        }
    }
}

#[test]
fn a_poll_has_its_head_at_once() {
    let [.., poll, _] = greeting::stages();
    let mut viewer = ask(&poll, "/");
    viewer.expect_end().expect_nothing();
    assert!(viewer.status().is_some_and(|status| (200..300).contains(&status)), "{viewer:?}");
}

#[test]
fn a_socket_cannot_be_had_by_it() {
    let [.., socket] = greeting::stages();
    ask(&socket, "/").expect_status(426).expect_end().expect_nothing();
}

#[test]
fn a_refusal_has_the_head_it_would_have_and_no_body() {
    for stage in greeting::stages().into_iter().take(4) {
        let mut viewer = ask(&stage, "/?refuse");
        viewer.expect_status(403).expect_header("content-length", "7").expect_end();
        viewer.expect_nothing();
        stage.diary.expect(&["check"]);
    }
}

#[test]
fn the_connection_serves_the_next_request_but_for_an_event_streams() {
    for stage in greeting::stages() {
        let mut viewer = ask(&stage, "/");
        viewer.expect_end();
        let is_closed = stage.transport == Transport::Sse;
        assert_eq!(viewer.wire().has_finished(), is_closed, "{}", stage.transport);
        if !is_closed {
            viewer.again(stage.request()).expect_render("hello");
        }
    }
}

#[test]
fn a_regular_answer_in_pieces_has_no_body_either() {
    on_every_transport! { slow:
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            cx.render("one");
            cx.after(Duration::from_secs(1), |_, cx| {
                cx.render("two");
                cx.finish();
            });
        }
    }

    let [regular, ..] = slow::stages();
    let mut viewer = ask(&regular, "/");
    viewer.advance(seconds(1)).expect_status(200).expect_end().expect_nothing();
    viewer.again(regular.request()).advance(seconds(1)).expect_render("one").expect_render("two");
}
