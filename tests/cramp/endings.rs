//! How actions end: clients that leave, timers that stop, and `finish`, more than once.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

use super::{Diary, seconds};

/// The same action on every wire: it ticks, and notes when it ends and why.
macro_rules! lasting {
    ($($name:ident: $transport:ident,)*) => { $(
        #[action(transport = $transport)]
        struct $name(Diary);

        #[callbacks]
        impl $name {
            #[periodic_timer(every = "1s")]
            fn tick(&mut self, _cx: &mut Context<Self>) {
                self.0.note("tick");
            }

            #[on_finish]
            fn done(&mut self, cx: &mut Context<Self>) {
                self.0.note(cx.finish_reason().to_string());
            }
        }
    )* };
}
lasting! {
    Regular: regular,
    Chunked: chunked,
    Sse: sse,
    LongPolling: long_polling,
    Websocket: websocket,
}

fn on_every_wire() -> Vec<(Trial, Diary)> {
    let diaries: Vec<_> = std::iter::repeat_with(Diary::default).take(5).collect();
    let trials = [
        Trial::start(Regular(diaries[0].clone())),
        Trial::start(Chunked(diaries[1].clone())),
        Trial::start(Sse(diaries[2].clone())),
        Trial::start(LongPolling(diaries[3].clone())),
        Trial::start(Websocket(diaries[4].clone())),
    ];
    trials.into_iter().zip(diaries).collect()
}

#[test]
fn a_client_that_leaves_ends_its_action_and_its_timers_on_every_wire_but_the_regular() {
    for (mut trial, diary) in on_every_wire().into_iter().skip(1) {
        trial.advance(seconds(2));
        assert_eq!(diary.read(), ["tick", "tick"]);
        trial.hang_up();
        assert_eq!(diary.read(), ["disconnected"]);
        trial.advance(seconds(60));
        assert!(diary.read().is_empty());
    }
}

/// A client may end its sending and still wait for the answer.
#[test]
fn a_regular_request_that_is_complete_is_answered_after_a_half_close() {
    #[action(transport = regular)]
    struct Late;

    #[callbacks]
    impl Late {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            cx.after(seconds(1), |_, cx| {
                cx.render("here you are");
                cx.finish();
            });
        }
    }

    let mut late = Trial::start(Late);
    late.half_close().advance(seconds(1)).expect_render("here you are").expect_end();
}

#[test]
fn a_connection_that_is_reset_ends_its_action_on_every_wire() {
    for (mut trial, diary) in on_every_wire() {
        trial.wire().reset();
        trial.advance(seconds(60));
        assert_eq!(diary.read(), ["disconnected"]);
    }
}

#[test]
fn finish_twice_is_finish_once_and_what_follows_is_not_said() {
    #[action(transport = chunked)]
    struct Ends(Diary);

    #[callbacks]
    impl Ends {
        #[on_start]
        fn end(&mut self, cx: &mut Context<Self>) {
            cx.render("before");
            cx.finish();
            cx.finish();
            cx.render("after");
        }

        #[on_start]
        fn next(&mut self, cx: &mut Context<Self>) {
            cx.render("the next callback");
        }

        #[on_finish]
        fn done(&mut self, cx: &mut Context<Self>) {
            self.0.note("finished");
            cx.render("the last word");
            cx.finish();
        }
    }

    let diary = Diary::default();
    let mut ends = Trial::start(Ends(diary.clone()));
    ends.expect_render("before").expect_end().expect_finish(FinishReason::Finished);
    ends.hang_up().advance(seconds(60));
    assert_eq!(diary.read(), ["finished"]);
}

#[test]
fn a_timer_armed_by_hand_ends_with_its_action() {
    #[action(transport = sse)]
    struct Armed(Diary);

    #[callbacks]
    impl Armed {
        #[on_start]
        fn arm(&mut self, cx: &mut Context<Self>) {
            cx.after(seconds(5), |this, _| this.0.note("after"));
            cx.every(seconds(2), |this, _| this.0.note("every"));
        }
    }

    let diary = Diary::default();
    let mut armed = Trial::start(Armed(diary.clone()));
    armed.advance(seconds(4));
    assert_eq!(diary.read(), ["every", "every"]);
    armed.hang_up().advance(seconds(60));
    assert!(diary.read().is_empty());
}

/// Work that comes back to nobody is dropped, as is what it holds.
#[test]
fn a_late_result_reaches_no_finished_action() {
    #[action(transport = sse)]
    struct Waits(Diary);

    #[callbacks]
    impl Waits {
        #[on_start]
        fn ask(&mut self, cx: &mut Context<Self>) {
            cx.defer(|| ()).then(|this, _, _| this.0.note("result"));
        }
    }

    let diary = Diary::default();
    let mut waits = Trial::start(Waits(diary.clone()));
    waits.hang_up().advance(seconds(1)).expect_finish(FinishReason::Disconnected { code: None });
    assert!(diary.read().is_empty());
}

/// Two that arrive in one tick, and the first of them ends the action.
#[test]
fn what_is_published_to_one_who_ends_meanwhile_is_dropped() {
    #[action(transport = websocket | sse | long_polling)]
    struct Listens(Diary);

    #[callbacks]
    impl Listens {
        #[on_start]
        fn join(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("room");
        }

        #[on_message]
        fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
            cx.render(message);
            cx.finish();
        }

        #[on_finish]
        fn done(&mut self, _cx: &mut Context<Self>) {
            self.0.note("finished");
        }
    }

    #[action(transport = regular)]
    struct Speaks;

    #[callbacks]
    impl Speaks {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            ["one", "two", "three"].into_iter().for_each(|word| cx.publish("room", word));
            cx.finish();
        }
    }

    let diary = Diary::default();
    let recipe = {
        let diary = diary.clone();
        move || Listens(diary.clone())
    };
    let world = World::new(Routes::new().at("/listen", recipe).at("/speak", || Speaks));
    let mut listeners = [Visit::get("/listen"), Visit::events("/listen"), Visit::socket("/listen")]
        .map(|visit| world.visit(visit));
    world.get("/speak").expect_status(200);
    for listener in &mut listeners {
        listener.expect_render("one").expect_finish(FinishReason::Finished);
        assert!(!listener.heard().iter().any(|heard| heard.rendered().is_some()));
    }
    assert_eq!(diary.read(), ["finished"; 3]);
}

/// A poll has room for one answer; what else was published in that tick is for another poll.
#[test]
fn two_published_at_once_to_a_poll_are_one_answer() {
    #[action(transport = long_polling)]
    struct Poll;

    #[callbacks]
    impl Poll {
        #[on_start]
        fn join(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("room");
            ["one", "two"].into_iter().for_each(|word| cx.publish("room", word));
        }
    }

    let world = World::new(Routes::new().at("/", || Poll));
    let mut poll = world.get("/");
    poll.expect(Heard::Body(b"one".to_vec())).expect_end().expect_nothing();
    poll.expect_finish(FinishReason::Finished);
    world.get("/").expect_render("one");
}

#[test]
fn a_socket_closed_by_its_client_ends_with_the_clients_code() {
    let diary = Diary::default();
    let mut socket = Trial::start(Websocket(diary.clone()));
    socket.close(4001, "moved on").expect(Heard::Close { code: Some(4001), reason: String::new() });
    socket.expect_end().expect_finish(FinishReason::Disconnected { code: Some(4001) });
    assert_eq!(diary.read(), ["disconnected with code 4001"]);
}
