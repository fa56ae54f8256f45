//! Tests 13, 14, 19 and 20: timers, and work that takes its time.

use crampon::prelude::*;
use crampon::trial::Trial;

use super::seconds;

/// Tests 13 and 14. Cramp ran callbacks in pooled fibers, so that one could wait without the
/// others; here what waits is deferred, and comes back as a callback. No hook runs after each:
/// what a fiber had to give back, the deferred closure drops.
#[test]
fn work_that_waits_is_deferred_and_holds_nobody_up() {
    #[action(transport = chunked)]
    struct Report;

    #[callbacks]
    impl Report {
        #[on_start]
        fn look_up(&mut self, cx: &mut Context<Self>) {
            cx.defer(|| "A").then(Self::found);
        }

        fn found(
            &mut self,
            cx: &mut Context<Self>,
            found: Result<&'static str, DeferError>,
        ) -> Result<(), DeferError> {
            cx.render(found?);
            Ok(())
        }

        #[periodic_timer(every = "1s")]
        fn tick(&mut self, cx: &mut Context<Self>) {
            cx.render("B");
        }
    }

    let mut report = Trial::start(Report);
    report.expect_status(200).expect_header("content-type", "text/html; charset=utf-8");
    report.expect_nothing();
    report.advance(seconds(1)).expect_render("A").expect_render("B");
}

/// Test 19. Cramp's timers of zero fired at every turn of the loop; the shortest of ours is 1 ms
/// (a declared one of zero does not compile).
#[test]
fn a_timer_sends_as_often_as_it_fires() {
    #[action(transport = chunked)]
    struct Ticks;

    #[callbacks]
    impl Ticks {
        #[periodic_timer(every = "1ms")]
        fn tick(&mut self, cx: &mut Context<Self>) {
            cx.render("Hello");
        }
    }

    let mut ticks = Trial::start(Ticks);
    ticks.expect_nothing();
    for _ in 0..10 {
        ticks.advance(Duration::from_millis(1)).expect_render("Hello").expect_nothing();
    }
}

/// Beside test 19.
#[test]
fn a_timer_of_zero_counts_as_one_of_a_millisecond() {
    #[action(transport = chunked)]
    struct Hurry;

    #[callbacks]
    impl Hurry {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            cx.every(Duration::ZERO, |_, cx| cx.render("Hello"));
        }
    }

    let mut hurry = Trial::start(Hurry);
    hurry.expect_nothing();
    hurry.advance(Duration::from_millis(2)).expect_render("Hello").expect_render("Hello");
    hurry.expect_nothing();
}

/// Test 20.
#[test]
fn what_a_timer_renders_before_it_finishes_still_arrives() {
    #[action(transport = chunked)]
    struct Last;

    #[callbacks]
    impl Last {
        #[periodic_timer(every = "1ms")]
        fn end(&mut self, cx: &mut Context<Self>) {
            cx.render("done");
            cx.finish();
        }
    }

    let mut last = Trial::start(Last);
    last.expect_status(200).expect_nothing();
    last.advance(Duration::from_millis(1)).expect_render("done").expect_end();
    last.advance(seconds(1)).expect_nothing();
}
