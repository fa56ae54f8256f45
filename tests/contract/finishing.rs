//! Line 6: every action that started ends once, in order, and says why.

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};
use crampon_tests::on_every_transport;
use crampon_tests::stage::{Diary, Listening, Stage};
use http::Method;

use crate::{milliseconds, seconds};

on_every_transport! { ending:
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        cx.after(Duration::from_secs(1), |_, cx| {
            cx.render("the last word");
            cx.finish();
            cx.finish();
            cx.render("too late");
        });
    }

    #[periodic_timer(every = "700ms")]
    fn tick(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("tick");
    }

    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, message: &Message) {
        self.diary.note(message.as_text().unwrap_or_default());
    }

    #[on_finish]
    fn done(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
        cx.render("beyond the end");
        cx.finish();
    }

    #[on_finish]
    fn done_too(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("and done");
    }
}

#[test]
fn all_that_was_rendered_before_finish_is_flushed_and_nothing_after_it() {
    for stage in ending::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(1)).expect_status(stage.success()).expect_render("the last word");
        if stage.transport == Transport::Websocket {
            viewer.expect_close(1000);
        }
        viewer.expect_end().expect_nothing();
    }
}

#[test]
fn timers_and_subscriptions_end_with_the_action() {
    for stage in ending::stages() {
        let mut viewer = stage.visit();
        stage.world.publish("room", "hello");
        viewer.advance(seconds(1));
        stage.diary.expect(&["hello", "tick", "finished", "and done"]);
        stage.world.publish("room", "is anybody there?");
        viewer.advance(seconds(60));
        stage.diary.expect(&[]);
    }
}

on_every_transport! { lasting:
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        self.diary.note("start");
        cx.subscribe("room");
        cx.after(Duration::from_secs(60), |this, _| this.diary.note("a closure"));
        cx.defer(|| ()).then(|this, _, _| this.diary.note("a result"));
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("tick");
    }

    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, message: &Message) {
        self.diary.note(message.as_text().unwrap_or_default());
    }

    #[on_finish]
    fn done(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

/// Expects that nothing reaches the finished action of `stage` any more.
#[track_caller]
fn expect_silence(stage: &Stage) {
    stage.world.publish("room", "is anybody there?");
    stage.world.advance(seconds(120));
    stage.diary.expect(&[]);
}

#[test]
fn a_client_that_vanishes_ends_its_action_at_once() {
    for stage in lasting::stages() {
        let mut viewer = stage.visit();
        viewer.wire().reset();
        viewer.advance(seconds(0)).expect_finish(FinishReason::Disconnected { code: None });
        stage.diary.expect(&["start", "disconnected"]);
        expect_silence(&stage);
        viewer.expect_finish(FinishReason::Disconnected { code: None });
    }
}

#[test]
fn a_late_result_timer_or_message_reaches_no_finished_action() {
    for stage in lasting::stages() {
        let log = Listening::listen();
        let viewer = stage.visit();
        viewer.wire().reset();
        stage.world.publish("room", "too late");
        stage.diary.expect(&["start", "disconnected"]);
        expect_silence(&stage);
        assert_eq!(log.lines_with("ERROR"), [""; 0], "{}", stage.transport);
    }
}

#[test]
fn a_half_close_is_a_disconnect_on_streams_sockets_and_polls() {
    for stage in lasting::stages().iter().filter(|stage| stage.transport != Transport::Regular) {
        let mut viewer = stage.visit();
        viewer.half_close().expect_finish(FinishReason::Disconnected { code: None });
        stage.diary.expect(&["start", "disconnected"]);
    }
}

#[test]
fn a_regular_request_that_is_complete_is_answered_after_a_half_close() {
    let [stage, ..] = ending::stages();
    assert_eq!(stage.transport, Transport::Regular);
    let mut viewer = stage.visit();
    viewer.half_close().expect_no_finish();
    viewer.advance(seconds(1)).expect_status(200).expect_render("the last word").expect_end();
    viewer.expect_finish(FinishReason::Finished);
}

#[test]
fn a_regular_request_that_is_not_complete_is_nobodys_after_a_half_close() {
    let [stage, ..] = lasting::stages();
    let mut viewer = stage.world.connect();
    viewer.send_bytes(b"GET / HTTP/1.1\r\nhost: a\r\n");
    viewer.half_close().expect_no_finish();
    stage.diary.expect(&[]);
}

#[test]
fn the_server_stopping_ends_all_but_regular_actions_at_once() {
    for stage in lasting::stages() {
        let mut viewer = stage.visit();
        stage.world.stop();
        if stage.transport == Transport::Regular {
            // It may still answer, until the deadline of the stop.
            stage.diary.expect(&["start"]);
            viewer.expect_no_finish().advance(seconds(10));
            assert_eq!(stage.diary.read().last().map(String::as_str), Some("server stopping"));
        } else {
            stage.diary.expect(&["start", "server stopping"]);
        }
        viewer.expect_finish(FinishReason::ServerStopping);
    }
}

#[test]
fn an_action_that_does_not_answer_or_a_poll_that_waits_too_long_has_timed_out() {
    for stage in lasting::stages() {
        let (deadline, status) = match stage.transport {
            Transport::Regular => (seconds(30), 503),
            Transport::LongPolling => (seconds(25), 204),
            _ => continue,
        };
        let mut viewer = stage.visit();
        viewer.advance(deadline - milliseconds(1)).expect_no_finish();
        assert_eq!(viewer.status(), None, "{}", stage.transport);
        viewer.advance(milliseconds(1)).expect_status(status);
        viewer.expect_finish(FinishReason::TimedOut);
        assert_eq!(stage.diary.read().last().map(String::as_str), Some("timed out"));
    }
}

#[test]
fn a_socket_that_answers_no_ping_has_timed_out() {
    let [.., stage] = lasting::stages();
    assert_eq!(stage.transport, Transport::Websocket);
    let mut viewer = stage.visit();
    viewer.ignore_pings();
    // Its ping comes up to a quarter of 25 s sooner.
    viewer.advance(milliseconds(25_000 * 3 / 4 + 20_000 - 1)).expect_no_finish();
    viewer.advance(milliseconds(25_000 / 4 + 1)).expect_finish(FinishReason::TimedOut);
}

/// Says as much as its query says.
#[action(transport = sse, outbox_bytes_max = 1000, write_timeout = "10s")]
struct Talker {
    diary: Diary,
}

#[callbacks]
impl Talker {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let bytes = cx.param_or("bytes", 0)?;
        if cx.param_or("finishes", false)? {
            cx.render("x".repeat(bytes));
            cx.finish();
        } else {
            cx.every(Duration::from_secs(1), move |_, cx| cx.render("x".repeat(bytes)));
        }
        Ok(())
    }

    #[on_finish]
    fn done(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

fn talker() -> (World, Diary) {
    let diary = Diary::default();
    let pen = diary.clone();
    (World::new(Routes::new().at("/", move || Talker { diary: pen.clone() })), diary)
}

#[test]
fn a_client_that_leaves_too_much_unread_has_overflowed() {
    let (world, diary) = talker();
    let mut viewer = world.events("/?bytes=400");
    viewer.wire().set_window(Some(0));
    viewer.advance(seconds(3)).expect_no_finish();
    viewer.advance(seconds(1)).expect_finish(FinishReason::Overflowed);
    diary.expect(&["overflowed"]);
}

#[test]
fn a_client_that_takes_nothing_for_too_long_has_timed_out() {
    let (world, diary) = talker();
    let mut viewer = world.events("/?bytes=1");
    viewer.wire().set_window(Some(0));
    viewer.advance(seconds(10)).expect_no_finish();
    viewer.advance(seconds(1)).expect_finish(FinishReason::TimedOut);
    diary.expect(&["timed out"]);
}

#[test]
fn a_slow_readers_last_bytes_linger_without_the_action() {
    let (world, diary) = talker();
    let mut viewer = world.connect();
    viewer.wire().set_window(Some(100));
    let request = b"GET /?bytes=500&finishes=true HTTP/1.1\r\nhost: a\r\n\
                    accept: text/event-stream\r\n\r\n";
    viewer.send_bytes(request);
    diary.expect(&["finished"]);
    viewer.expect_finish(FinishReason::Finished);
    viewer.wire().set_window(None);
    viewer.advance(seconds(1)).expect_render(&"x".repeat(500)).expect_end();
}

#[test]
fn the_code_a_socket_was_closed_with_is_in_the_reason() {
    for code in [1000, 1001, 4001] {
        let [.., stage] = lasting::stages();
        let mut viewer = stage.visit();
        viewer.close(code, "bye").expect_close(code).expect_end();
        viewer.expect_finish(FinishReason::Disconnected { code: Some(code) });
        stage.diary.expect(&["start", &format!("disconnected with code {code}")]);
    }
}

#[test]
fn on_finish_runs_at_the_settle_of_the_tick_after_what_was_said_in_it() {
    #[action(transport = websocket)]
    struct Couple {
        diary: Diary,
    }

    #[callbacks]
    impl Couple {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("room");
        }

        #[on_data]
        fn heard(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.publish("room", text);
            cx.finish();
            self.diary.note("finish is asked for");
        }

        #[on_message]
        fn told(&mut self, _cx: &mut Context<Self>, message: &Message) {
            self.diary.note(message.as_text().unwrap_or_default());
        }

        #[on_finish]
        fn done(&mut self, cx: &mut Context<Self>) {
            self.diary.note("done");
            cx.publish("room", "a farewell");
        }
    }

    let diary = Diary::default();
    let pen = diary.clone();
    let world = World::new(Routes::new().at("/", move || Couple { diary: pen.clone() }));
    let mut ann = world.socket("/");
    let _bob = world.socket("/");
    ann.send("goodbye");
    let mut lived = diary.read();
    assert_eq!(lived.remove(0), "finish is asked for");
    assert_eq!(lived.pop().as_deref(), Some("a farewell"));
    lived.sort();
    assert_eq!(lived, ["done", "goodbye"]);
}

#[test]
fn an_action_is_dropped_when_it_has_said_goodbye() {
    #[action(transport = sse)]
    struct Guest {
        presence: Rc<()>,
    }

    #[callbacks]
    impl Guest {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            let presence = self.presence.clone();
            cx.after(Duration::from_secs(60), move |_, _| drop(presence));
        }
    }

    let presence = Rc::new(());
    let mut viewer = Trial::start(Guest { presence: presence.clone() });
    assert_eq!(Rc::strong_count(&presence), 3);
    viewer.hang_up();
    assert_eq!(Rc::strong_count(&presence), 1);
}

#[test]
fn a_head_request_to_a_stream_or_poll_neither_starts_nor_finishes_an_action() {
    for stage in lasting::stages() {
        let visit = match stage.transport {
            Transport::Regular | Transport::Websocket => continue,
            Transport::Sse => Visit::new(Method::HEAD, "/").header("accept", "text/event-stream"),
            _ => Visit::new(Method::HEAD, "/"),
        };
        let mut viewer = stage.world.visit(visit);
        assert!(viewer.status().is_some(), "{}", stage.transport);
        viewer.expect_no_finish();
        stage.diary.expect(&[]);
    }
}
