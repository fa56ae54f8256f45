//! Tests 9 to 12: what fails, and what the client gets to see of it.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial};

use super::seconds;

/// Test 9.
#[test]
fn an_error_in_before_start_is_a_500_in_a_plain_sentence() {
    #[action(transport = chunked)]
    struct Fails;

    #[callbacks]
    impl Fails {
        #[before_start]
        fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), &'static str> {
            Err("the database is gone")
        }
    }

    let mut fails = Trial::start(Fails);
    fails.expect_status(500).expect_render("Something went wrong\n").expect_end();
}

/// Test 10. Cramp had sent its 200 by then and ended the body as if all were well. A stream has
/// sent its head too, so its body is cut short, which tells the client; a regular answer has not,
/// so the truth can still be said.
#[test]
fn an_error_in_on_start_is_seen_by_the_client() {
    #[action(transport = chunked)]
    struct Streams;

    #[callbacks]
    impl Streams {
        #[on_start]
        fn start(&mut self, _cx: &mut Context<Self>) -> Result<(), &'static str> {
            Err("no feed")
        }
    }

    #[action(transport = regular)]
    struct Answers;

    #[callbacks]
    impl Answers {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) -> Result<(), &'static str> {
            cx.render("half of it");
            Err("no other half")
        }
    }

    Trial::start(Streams).expect_status(200).expect(Heard::Cut).expect_finish(FinishReason::Failed);
    Trial::start(Answers).expect_status(500).expect_render("Something went wrong\n").expect_end();
}

/// Beside test 10: the callback of `on_finish` that raised there was only logged.
#[test]
fn an_error_in_on_finish_spoils_nothing() {
    #[action(transport = chunked)]
    struct Leaves;

    #[callbacks]
    impl Leaves {
        #[on_start]
        fn answer(&mut self, cx: &mut Context<Self>) {
            cx.render("all of it");
            cx.finish();
        }

        #[on_finish]
        fn clean_up(&mut self, _cx: &mut Context<Self>) -> Result<(), &'static str> {
            Err("nothing to clean")
        }
    }

    Trial::start(Leaves).expect_render("all of it").expect_end();
}

/// Test 11. Cramp ended the stream; a timer that fails once may work the next time, and a viewer
/// who would only come back is not sent away for it.
#[test]
fn an_error_in_a_timer_ends_neither_the_timer_nor_the_stream() {
    #[action(transport = chunked)]
    #[derive(Default)]
    struct Flaky {
        ticks: u32,
    }

    #[callbacks]
    impl Flaky {
        #[periodic_timer(every = "1s")]
        fn tick(&mut self, cx: &mut Context<Self>) -> Result<(), &'static str> {
            self.ticks += 1;
            match self.ticks {
                1 => Err("a hiccup"),
                _ => {
                    cx.render("back again");
                    Ok(())
                }
            }
        }
    }

    let mut flaky = Trial::start(Flaky::default());
    flaky.advance(seconds(1)).expect_status(200).expect_nothing();
    flaky.advance(seconds(1)).expect_render("back again");
}

/// Test 12, and the same for what our `respond_with` can get wrong.
#[test]
fn a_head_that_cannot_be_is_a_500() {
    #[action(transport = chunked)]
    struct Responds {
        with: fn(&mut Context<Self>),
    }

    #[callbacks]
    impl Responds {
        #[before_start]
        fn respond_with(&mut self, cx: &mut Context<Self>) {
            (self.with)(cx);
        }
    }

    let with: [fn(&mut Context<Responds>); 5] = [
        |_| panic!("raised"),
        |cx| cx.set_status(99),
        |cx| cx.set_header("x-name", "two\r\nlines"),
        |cx| cx.set_header("no name", "value"),
        |cx| cx.set_header("transfer-encoding", "identity"),
    ];
    for with in with {
        let mut responds = Trial::start(Responds { with });
        responds.expect_status(500).expect_render("Something went wrong\n").expect_end();
    }
}
