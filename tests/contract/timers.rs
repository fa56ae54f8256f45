//! Line 4: timers fire at a fixed rate, late ones once, and an error in one stops nothing.

use crampon::prelude::*;
use crampon::trial::World;
use crampon_tests::on_every_transport;
use crampon_tests::stage::Listening;

use crate::{milliseconds, seconds};

on_every_transport! { ticking:
    #[periodic_timer(every = "2s")]
    fn tick(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("tick");
    }

    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        cx.every(Duration::from_secs(2), |this, _| this.diary.note("tock"));
    }
}

#[test]
fn a_timer_fires_first_after_one_interval() {
    for stage in ticking::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(2) - milliseconds(1));
        stage.diary.expect(&[]);
        viewer.advance(milliseconds(1));
        stage.diary.expect(&["tick", "tock"]);
    }
}

#[test]
fn a_timer_keeps_its_rate_however_the_clock_moves() {
    for stage in ticking::stages() {
        let mut viewer = stage.visit();
        for _ in 0..20 {
            viewer.advance(milliseconds(999));
        }
        // 19.98 s: one beat is still 20 ms ahead.
        assert_eq!(stage.diary.read().len(), 2 * 9, "{}", stage.transport);
        viewer.advance(milliseconds(20));
        stage.diary.expect(&["tick", "tock"]);
    }
}

#[test]
fn a_late_timer_fires_once_and_not_in_a_burst() {
    for stage in ticking::stages() {
        let _viewer = stage.visit();
        stage.world.stall(seconds(11));
        stage.diary.expect(&["tick", "tock"]);
    }
}

#[test]
fn a_timer_that_was_late_is_back_on_its_beat() {
    for stage in ticking::stages() {
        let mut viewer = stage.visit();
        stage.world.stall(seconds(3));
        stage.diary.expect(&["tick", "tock"]);
        viewer.advance(milliseconds(999));
        stage.diary.expect(&[]);
        viewer.advance(milliseconds(1));
        stage.diary.expect(&["tick", "tock"]);
        viewer.advance(seconds(2));
        stage.diary.expect(&["tick", "tock"]);
    }
}

on_every_transport! { paced:
    fn pace(&self) -> Duration {
        Duration::from_millis(1500)
    }

    #[periodic_timer(every = Self::pace)]
    fn own(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("own");
    }

    #[periodic_timer(every = "1s")]
    fn fixed(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("fixed");
    }
}

#[test]
fn every_timer_has_its_own_rate_a_method_may_say_it() {
    for stage in paced::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(2));
        stage.diary.expect(&["fixed", "own", "fixed"]);
        viewer.advance(seconds(1));
        let mut third = stage.diary.read();
        third.sort();
        assert_eq!(third, ["fixed", "own"], "{}", stage.transport);
    }
}

on_every_transport! { erring:
    #[periodic_timer(every = "1s")]
    fn tick(&mut self, _cx: &mut Context<Self>) -> Result<(), &'static str> {
        self.diary.note("tick");
        Err("the feed is silent")
    }

    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_secs(1), |this, _| {
            this.diary.note("once");
            Err("once is enough")
        });
        cx.every(Duration::from_secs(1), |this, _| {
            this.diary.note("tock");
            Err("the clock is silent")
        });
    }

    #[on_finish]
    fn done(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("done");
    }
}

#[test]
fn an_error_in_a_timer_stops_neither_the_timer_nor_the_action() {
    for stage in erring::stages() {
        let _log = Listening::listen();
        let mut viewer = stage.visit();
        viewer.advance(seconds(1));
        stage.diary.expect(&["tick", "once", "tock"]);
        viewer.advance(seconds(1)).expect_no_finish().expect_nothing();
        stage.diary.expect(&["tick", "tock"]);
    }
}

#[test]
fn an_error_in_a_timer_is_logged_each_time_with_its_place() {
    for stage in erring::stages() {
        let log = Listening::listen();
        stage.visit().advance(seconds(2));
        for (error, times) in
            [("the feed is silent", 2), ("the clock is silent", 2), ("once is enough", 1)]
        {
            let lines = log.lines_with(error);
            assert_eq!(lines.len(), times, "{}: {lines:#?}", stage.transport);
            for words in ["ERROR", "Probe", "timers.rs:"] {
                assert!(lines.iter().all(|line| line.contains(words)), "{words}: {lines:#?}");
            }
        }
    }
}

on_every_transport! { panicking:
    #[periodic_timer(every = "1s")]
    fn tick(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("tick");
        panic!("nobody vouches for this any more");
    }

    #[on_finish]
    fn done(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

#[test]
fn a_panic_in_a_timer_ends_its_action() {
    for stage in panicking::stages() {
        let log = Listening::listen();
        let mut viewer = stage.visit();
        viewer.advance(seconds(3)).expect_finish(FinishReason::Failed);
        stage.diary.expect(&["tick", "failed"]);
        log.expect_line(&["nobody vouches", "Probe", "tick", "timers.rs:"]);
    }
}

/// Counts for its viewer, and fails in the way its query says.
#[action(transport = sse)]
struct Counter {
    fails: String,
    seconds: u32,
}

#[callbacks]
impl Counter {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.fails = cx.param_or("fails", String::new())?;
        Ok(())
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, cx: &mut Context<Self>) -> Result<(), &'static str> {
        self.seconds += 1;
        match self.fails.as_str() {
            "error" => return Err("an error"),
            "panic" => panic!("a panic"),
            _ => cx.render(self.seconds.to_string()),
        }
        Ok(())
    }
}

#[test]
fn a_timer_that_fails_disturbs_no_other_connection() {
    for fails in ["error", "panic"] {
        let log = Listening::listen();
        let world =
            World::new(Routes::new().at("/", || Counter { fails: String::new(), seconds: 0 }));
        let mut calm = world.events("/");
        let _failing = world.events(&format!("/?fails={fails}"));
        let mut late = world.events("/");
        world.advance(seconds(2));
        calm.expect_render("1").expect_render("2");
        late.expect_render("1").expect_render("2");
        world.events("/").advance(seconds(1)).expect_render("1");
        assert!(!log.lines_with(fails).is_empty());
    }
}

#[test]
fn timers_of_an_action_that_has_finished_do_not_fire() {
    for stage in ticking::stages() {
        let mut viewer = stage.visit();
        viewer.wire().reset();
        viewer.advance(seconds(60));
        stage.diary.expect(&[]);
    }
}
