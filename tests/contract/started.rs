//! Line 3: the action starts: the head, the timers, `on_start`.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial};
use crampon_tests::on_every_transport;
use crampon_tests::stage::Listening;

use crate::seconds;

on_every_transport! { silent:
    #[on_start]
    fn start(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("start");
    }
}

#[test]
fn a_stream_has_its_head_when_it_starts_and_the_others_have_it_with_their_answer() {
    for stage in silent::stages() {
        let mut viewer = stage.visit();
        let head = stage.is_stream().then(|| stage.success());
        assert_eq!(viewer.status(), head, "{}", stage.transport);
        viewer.expect_nothing();
        stage.diary.expect(&["start"]);
    }
}

on_every_transport! { several:
    #[on_start]
    fn first(&mut self, cx: &mut Context<Self>) {
        self.diary.note("first");
        cx.render("first");
    }

    #[on_start]
    fn second(&mut self, cx: &mut Context<Self>) {
        self.diary.note("second");
        cx.finish();
    }

    #[on_start]
    fn third(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("third");
    }
}

#[test]
fn every_on_start_runs_in_order_until_one_ends_the_action() {
    for stage in several::stages() {
        let mut viewer = stage.visit();
        viewer.expect_status(stage.success()).expect_render("first");
        let is_poll = stage.transport == Transport::LongPolling;
        // A poll has answered and ended with its first render.
        stage.diary.expect(if is_poll { &["first"] } else { &["first", "second"] });
    }
}

on_every_transport! { armed:
    #[periodic_timer(every = "1s")]
    fn tick(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("tick");
    }

    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        self.diary.note("start");
        cx.after(Duration::from_secs(1), |this, _| this.diary.note("a closure"));
    }
}

#[test]
fn timers_are_armed_before_on_start_and_fire_after_it() {
    for stage in armed::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(1));
        stage.diary.expect(&["start", "tick", "a closure"]);
    }
}

on_every_transport! { dressed:
    #[before_start]
    fn dress(&mut self, cx: &mut Context<Self>) {
        cx.set_header("x-mood", "willing");
    }

    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        cx.set_header("x-mood", "eager");
        cx.set_status(202);
        cx.render("hello");
        cx.finish();
    }
}

#[test]
fn what_before_start_sets_is_in_the_head_of_every_transport() {
    let _log = Listening::listen();
    for stage in dressed::stages() {
        let mut viewer = stage.visit();
        match stage.is_stream() {
            true => viewer.expect_status(stage.success()).expect_header("x-mood", "willing"),
            false => viewer.expect_status(202).expect_header("x-mood", "eager"),
        };
        viewer.expect_render("hello");
    }
}

#[test]
fn what_on_start_sets_on_a_stream_comes_too_late_and_the_log_says_so() {
    for stage in dressed::stages().iter().filter(|stage| stage.is_stream()) {
        let log = Listening::listen();
        stage.visit();
        log.expect_line(&["`set_status` after the head was sent has no effect"]);
        log.expect_line(&["`set_header` after the head was sent has no effect"]);
    }
}

on_every_transport! { failing:
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) -> Result<(), &'static str> {
        cx.set_header("x-mood", "eager");
        if cx.transport() != Transport::LongPolling {
            cx.render("half of it");
        }
        Err("no other half")
    }
}

#[test]
fn an_error_before_the_head_discards_what_was_rendered() {
    let _log = Listening::listen();
    for stage in failing::stages().iter().filter(|stage| !stage.is_stream()) {
        let mut viewer = stage.visit();
        viewer.expect_status(500).expect_render("Something went wrong\n").expect_end();
        assert_eq!(viewer.header("x-mood"), None, "{}", stage.transport);
    }
}

#[test]
fn an_error_after_the_head_leaves_what_was_rendered() {
    let _log = Listening::listen();
    for stage in failing::stages().iter().filter(|stage| stage.is_stream()) {
        let mut viewer = stage.visit();
        viewer.expect_status(stage.success()).expect_render("half of it");
    }
}

/// Answers over several ticks.
#[action(transport = regular)]
struct Slow;

#[callbacks]
impl Slow {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_secs(1), |_, cx| cx.set_status(201));
        cx.after(Duration::from_secs(2), |_, cx| cx.render("one, "));
        cx.after(Duration::from_secs(3), |_, cx| {
            cx.set_status(500);
            cx.render("two");
            cx.finish();
        });
    }
}

#[test]
fn the_head_of_an_answer_goes_with_its_first_bytes_and_is_settled_then() {
    let log = Listening::listen();
    let mut viewer = Trial::start(Slow);
    viewer.advance(seconds(1));
    assert_eq!(viewer.status(), None);
    viewer.advance(seconds(1)).expect_status(201);
    viewer.expect_header("transfer-encoding", "chunked").expect_render("one, ");
    viewer.advance(seconds(1)).expect_status(201).expect(Heard::Chunk(b"two".into())).expect_end();
    log.expect_line(&["`set_status` after the head was sent has no effect"]);
}

#[test]
fn an_answer_finished_before_its_first_flush_has_its_length() {
    #[action(transport = regular)]
    struct Whole;

    #[callbacks]
    impl Whole {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            cx.render("one, ");
            cx.render("two");
            cx.finish();
        }
    }

    let mut viewer = Trial::start(Whole);
    viewer.expect_header("content-length", "8").expect_render("one, two").expect_end();
    assert_eq!(viewer.header("transfer-encoding"), None);
}
