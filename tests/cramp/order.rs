//! The order of callbacks: several of a kind, halts, holds, and what runs before what.

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};

use super::{Diary, seconds};

/// All callbacks there are, each of them noting its name.
#[action(transport = sse)]
struct Whole {
    diary: Diary,
    halts: &'static str,
}

#[callbacks]
impl Whole {
    #[before_start]
    fn first_check(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
        self.guard("first check")
    }

    #[before_start]
    fn second_check(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
        self.guard("second check")
    }

    fn guard(&self, name: &str) -> Result<(), Halt> {
        self.diary.note(name);
        match self.halts == name {
            true => Err(Halt::new(401, format!("{name} says no"))),
            false => Ok(()),
        }
    }

    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        self.diary.note("greet");
        cx.after(seconds(1), |this, cx| {
            this.diary.note("after");
            cx.finish();
        });
    }

    #[on_start]
    fn announce(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("announce");
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("tick");
    }

    #[on_finish]
    fn clean_up(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("clean up");
    }

    #[on_finish]
    fn leave(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("leave");
    }
}

fn whole(halts: &'static str) -> (Trial, Diary) {
    let diary = Diary::default();
    (Trial::start(Whole { diary: diary.clone(), halts }), diary)
}

/// A timer that is declared is armed before `on_start` runs, so it is the first to fire.
#[test]
fn callbacks_run_in_the_order_they_are_declared_in() {
    let (mut whole, diary) = whole("nobody");
    assert_eq!(diary.read(), ["first check", "second check", "greet", "announce"]);
    whole.advance(seconds(1));
    assert_eq!(diary.read(), ["tick", "after", "clean up", "leave"]);
}

#[test]
fn after_a_halt_nothing_runs_any_more() {
    for (halts, checked) in
        [("first check", &["first check"][..]), ("second check", &["first check", "second check"])]
    {
        let (mut whole, diary) = whole(halts);
        whole.expect_status(401).expect_render(&format!("{halts} says no")).expect_end();
        whole.advance(seconds(60)).expect_no_finish();
        assert_eq!(diary.read(), checked);
    }
}

/// In Cramp a `before_start` could go on later, and a request whose check did neither hung for
/// ever.
#[test]
fn a_check_that_is_held_goes_on_when_it_is_told_and_is_given_up_when_it_is_not() {
    #[action(transport = sse)]
    struct Held {
        diary: Diary,
        goes_on: bool,
    }

    #[callbacks]
    impl Held {
        #[before_start]
        fn look_up(&mut self, cx: &mut Context<Self>) {
            cx.hold();
            if self.goes_on {
                cx.after(seconds(2), |_, cx| {
                    cx.proceed();
                    cx.proceed();
                });
            }
        }

        #[before_start]
        fn check(&mut self, _cx: &mut Context<Self>) {
            self.diary.note("check");
        }

        #[on_start]
        fn greet(&mut self, cx: &mut Context<Self>) {
            self.diary.note("greet");
            cx.render("welcome");
        }
    }

    let diary = Diary::default();
    let mut held = Trial::start(Held { diary: diary.clone(), goes_on: true });
    assert_eq!(held.status(), None);
    held.advance(seconds(2)).expect_status(200).expect_render("welcome");
    assert_eq!(diary.read(), ["check", "greet"]);

    let mut forgotten = Trial::start(Held { diary: diary.clone(), goes_on: false });
    forgotten.advance(seconds(29));
    assert_eq!(forgotten.status(), None);
    forgotten.advance(seconds(1)).expect_status(503).expect_no_finish();
    assert!(diary.read().is_empty());
}

/// What arrives with the request waits for the check, however long that takes.
#[test]
fn a_message_sent_before_the_check_is_through_is_heard_after_on_start() {
    #[action(transport = websocket)]
    struct Slow(Diary);

    #[callbacks]
    impl Slow {
        #[before_start]
        fn look_up(&mut self, cx: &mut Context<Self>) {
            cx.hold();
            cx.after(seconds(1), |_, cx| cx.proceed());
        }

        #[on_start]
        fn greet(&mut self, _cx: &mut Context<Self>) {
            self.0.note("greet");
        }

        #[on_data]
        fn received(&mut self, _cx: &mut Context<Self>, text: &str) {
            self.0.note(text);
        }
    }

    let diary = Diary::default();
    let mut slow = Trial::start(Slow(diary.clone()));
    slow.send_bytes(&super::reach::masked_texts(&["early", "too"]));
    assert!(diary.read().is_empty());
    slow.advance(seconds(1)).expect_status(101);
    assert_eq!(diary.read(), ["greet", "early", "too"]);
}

#[test]
fn a_new_instance_serves_each_request() {
    let diary = Diary::default();
    let recipe = {
        let diary = diary.clone();
        move || {
            diary.note("made");
            Whole { diary: diary.clone(), halts: "first check" }
        }
    };
    let world = World::new(Routes::new().at("/", recipe));
    let mut viewer = world.get("/");
    viewer.again(Visit::get("/"));
    assert_eq!(diary.read(), ["made", "first check", "made", "first check"]);
}
