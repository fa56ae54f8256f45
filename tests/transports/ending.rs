//! The ends nobody asked for: an error after the head, a stopping server, a deadline.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};
use crampon_tests::on_every_transport;

use crate::seconds;

on_every_transport! { failing:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.defer(|| ()).then(|_, _, _| Err::<(), _>("it broke"));
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

#[test]
fn an_error_after_the_head_cuts_a_body_ends_a_stream_and_closes_a_socket_with_1011() {
    for stage in failing::stages() {
        let mut viewer = stage.visit();
        viewer.expect_render("hello");
        if stage.transport == Transport::LongPolling {
            // It has answered, and nothing is left that could fail.
            viewer.expect_end().advance(seconds(1)).expect_finish(FinishReason::Finished);
            continue;
        }
        viewer.advance(seconds(1)).expect_status(stage.success());
        match stage.transport {
            Transport::Websocket => viewer.expect_close(1011).expect_end(),
            Transport::Sse => viewer.expect_end(),
            _ => viewer.expect(Heard::Cut),
        };
        viewer.expect_nothing();
        assert!(viewer.wire().has_finished(), "{}", stage.transport);
        stage.diary.expect(&["failed"]);
    }
}

on_every_transport! { failing_at_once:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) -> Result<(), &'static str> {
        cx.render("hello");
        Err("it broke")
    }
}

/// A stream has its head by then; what it rendered before is heard.
#[test]
fn an_error_in_on_start_is_a_500_where_the_head_was_not_sent() {
    for stage in failing_at_once::stages() {
        let mut viewer = stage.visit();
        match stage.transport {
            Transport::Websocket => viewer.expect_render("hello").expect_close(1011).expect_end(),
            Transport::Sse => viewer.expect_render("hello").expect_end(),
            Transport::Chunked => viewer.expect_render("hello").expect(Heard::Cut),
            Transport::Regular | Transport::LongPolling => {
                viewer.expect_status(500).expect_render("Something went wrong\n").expect_end()
            }
        };
        viewer.expect_nothing().expect_finish(FinishReason::Failed);
    }
}

on_every_transport! { lasting:
    #[on_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_secs(3), |this, cx| {
            this.diary.note("after");
            cx.render("late");
            cx.finish();
        });
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

#[test]
fn a_stopping_server_ends_streams_at_once_and_waits_for_a_regular_answer() {
    for stage in lasting::stages() {
        let mut viewer = stage.visit();
        stage.world.stop();
        match stage.transport {
            Transport::Regular => {
                viewer.expect_nothing();
                viewer.advance(seconds(3)).expect_header("connection", "close");
                viewer.expect_render("late").expect_end();
                stage.diary.expect(&["after", "finished"]);
                assert!(stage.world.is_over());
                continue;
            }
            Transport::Chunked => viewer.expect_end(),
            Transport::Sse => {
                let heard = viewer.heard();
                let [Heard::Retry(retry), Heard::End] = heard[..] else {
                    panic!("a retry and the end were expected, and not {heard:?}")
                };
                assert!(retry >= Duration::from_millis(300) && retry <= seconds(3), "{retry:?}");
                &mut viewer
            }
            Transport::LongPolling => {
                viewer.expect_status(204).expect_header("connection", "close").expect_end()
            }
            Transport::Websocket => {
                let reason = "the server is stopping".into();
                viewer.expect(Heard::Close { code: Some(1001), reason }).expect_end()
            }
        };
        viewer.expect_nothing().expect_finish(FinishReason::ServerStopping);
        stage.diary.expect(&["server stopping"]);
        stage.world.advance(seconds(3));
        assert!(stage.world.is_over(), "{}", stage.transport);
    }
}

/// All at once would be too many.
#[test]
fn the_viewers_of_a_stopping_server_come_back_one_after_another() {
    let [_, _, sse, ..] = lasting::stages();
    let mut viewers: Vec<Trial> = (0..20).map(|_| sse.visit()).collect();
    sse.world.stop();
    let mut waits: Vec<_> = viewers
        .iter_mut()
        .filter_map(|viewer| match viewer.heard()[..] {
            [Heard::Retry(wait), Heard::End] => Some(wait),
            _ => None,
        })
        .collect();
    assert_eq!(waits.len(), 20);
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 10, "{waits:?}");
}

#[test]
fn a_regular_answer_that_does_not_come_is_cut_by_the_stop_after_8_s() {
    #[action(transport = regular)]
    struct Never;

    #[callbacks]
    impl Never {}

    let mut viewer = Trial::start(Never);
    viewer.world().stop();
    viewer.advance(seconds(7)).expect_no_finish();
    viewer.advance(seconds(1)).expect(Heard::Cut).expect_finish(FinishReason::ServerStopping);
    assert!(viewer.world().is_over());
}

/// Deadlines an action has by itself, and those it declares.
macro_rules! timed {
    ($($name:ident: $header:tt)*) => { $(
        #[action $header]
        struct $name;

        #[callbacks]
        impl $name {}
    )* };
}
timed! {
    Regular: (transport = regular)
    LongPolling: (transport = long_polling)
    RegularSoon: (transport = regular, answer_timeout = "2s")
    LongPollingSoon: (transport = long_polling, poll_timeout = "2s")
}

#[test]
fn a_regular_action_that_never_answers_is_ended_with_503_and_a_poll_with_204() {
    for (mut viewer, timeout, status) in [
        (Trial::start(Regular), 30, 503),
        (Trial::start(RegularSoon), 2, 503),
        (Trial::start(LongPolling), 25, 204),
        (Trial::start(LongPollingSoon), 2, 204),
    ] {
        viewer.advance(seconds(timeout - 1)).expect_nothing().expect_no_finish();
        viewer.advance(seconds(1)).expect_status(status).expect_finish(FinishReason::TimedOut);
    }
}

#[test]
fn the_next_poll_is_made_on_the_same_connection() {
    let world = World::new(Routes::new().at("/", || LongPollingSoon));
    let mut poll = world.get("/");
    for _ in 0..3 {
        poll.advance(seconds(2)).expect_status(204).expect_end().again(Visit::get("/"));
    }
}

on_every_transport! { speaking:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_secs(1), |_, cx| cx.render("hello"));
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

/// A poll has finished by rendering; its last bytes wait without it, and not for ever.
#[test]
fn a_reader_that_takes_nothing_is_given_up_after_30_s() {
    for stage in speaking::stages() {
        let mut viewer = stage.visit();
        viewer.wire().set_window(Some(0));
        viewer.advance(seconds(1));
        if stage.transport == Transport::LongPolling {
            stage.diary.expect(&["finished"]);
        }
        viewer.advance(seconds(29)).advance(Duration::from_millis(900));
        stage.diary.expect(&[]);
        assert!(!viewer.wire().is_closed(), "{}", stage.transport);
        viewer.advance(Duration::from_millis(100));
        assert!(viewer.wire().is_closed(), "{}", stage.transport);
        if stage.transport != Transport::LongPolling {
            stage.diary.expect(&["timed out"]);
        }
    }
}

#[test]
fn an_action_says_itself_how_long_its_reader_may_take_nothing() {
    #[action(transport = sse | websocket | chunked, write_timeout = "2s")]
    struct Impatient;

    #[callbacks]
    impl Impatient {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            cx.after(seconds(1), |_, cx| cx.render("hello"));
        }
    }

    for visit in [Visit::get("/"), Visit::events("/"), Visit::socket("/")] {
        let mut viewer = Trial::visit(Impatient, visit);
        viewer.wire().set_window(Some(0));
        viewer.advance(seconds(2)).expect_no_finish();
        viewer.advance(seconds(1)).expect_finish(FinishReason::TimedOut);
    }
}
