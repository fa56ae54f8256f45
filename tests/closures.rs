//! The closures of `after` and `every`, and the declared timers beside them: when they run, who
//! cancels them, and what becomes of one that fails.

use crampon::action::Timer;
use crampon::prelude::*;
use crampon::trial::Trial;
use crampon_tests::on_every_transport;
use crampon_tests::stage::{Diary, Listening};

const SECOND: Duration = Duration::from_secs(1);

type Arm = dyn Fn(&mut Armed, &mut Context<Armed>);

/// Arms what a test wants armed.
#[action(transport = websocket)]
struct Armed {
    diary: Diary,
    arm: Rc<Arm>,
    timers: Vec<Timer>,
}

#[callbacks]
impl Armed {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        let arm = self.arm.clone();
        arm(self, cx);
    }

    #[on_data]
    fn cancel_all(&mut self, cx: &mut Context<Self>, _text: &str) {
        for timer in self.timers.drain(..) {
            cx.cancel(timer);
        }
    }

    #[on_finish]
    fn end(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("finish");
    }
}

fn armed(arm: impl Fn(&mut Armed, &mut Context<Armed>) + 'static) -> (Trial, Diary) {
    let diary = Diary::default();
    let arm = Rc::new(arm);
    (Trial::start(Armed { diary: diary.clone(), arm, timers: Vec::new() }), diary)
}

#[test]
fn a_closure_of_after_runs_once_and_then() {
    let (mut trial, diary) = armed(|_, cx| {
        cx.after(SECOND, |this, _| this.diary.note("after"));
    });
    trial.advance(Duration::from_millis(999));
    diary.expect(&[]);
    trial.advance(Duration::from_millis(1));
    diary.expect(&["after"]);
    trial.advance(60 * SECOND);
    diary.expect(&[]);
}

#[test]
fn a_closure_of_every_runs_after_each_period_and_keeps_what_it_captured() {
    let (mut trial, diary) = armed(|_, cx| {
        let mut count = 0;
        cx.every(SECOND, move |this, _| {
            count += 1;
            this.diary.note(count);
        });
    });
    trial.advance(3 * SECOND);
    diary.expect(&["1", "2", "3"]);
}

#[test]
fn closures_due_at_one_moment_run_in_the_order_they_were_armed_in() {
    let (mut trial, diary) = armed(|_, cx| {
        cx.after(SECOND, |this, _| this.diary.note("first"));
        cx.every(SECOND, |this, _| this.diary.note("second"));
        cx.after(SECOND, |this, _| this.diary.note("third"));
    });
    trial.advance(SECOND);
    diary.expect(&["first", "second", "third"]);
}

#[test]
fn a_cancelled_closure_never_runs() {
    let (mut trial, diary) = armed(|_, cx| {
        let once = cx.after(SECOND, |this, _| this.diary.note("after"));
        let every = cx.every(SECOND, |this, _| this.diary.note("every"));
        cx.cancel(once);
        cx.cancel(every);
    });
    trial.advance(60 * SECOND);
    diary.expect(&[]);
}

#[test]
fn a_closure_of_every_cancels_itself() {
    let (mut trial, diary) = armed(|this, cx| {
        this.timers.push(cx.every(SECOND, |this, cx| {
            this.diary.note("every");
            let timer = this.timers.pop().expect("it was put there");
            cx.cancel(timer);
        }));
    });
    trial.advance(60 * SECOND);
    diary.expect(&["every"]);
}

#[test]
fn to_cancel_one_that_has_fired_or_is_cancelled_is_no_error() {
    let (mut trial, diary) = armed(|this, cx| {
        let fired = cx.after(SECOND, |this, cx| {
            this.diary.note("fired");
            cx.cancel(this.timers[0]);
        });
        this.timers = vec![fired, fired];
    });
    trial.advance(2 * SECOND);
    trial.send("cancel all").expect_nothing();
    diary.expect(&["fired"]);
}

#[test]
fn one_that_is_due_in_the_same_tick_can_still_be_cancelled() {
    let (mut trial, diary) = armed(|this, cx| {
        cx.after(SECOND, |this, cx| {
            this.diary.note("first");
            this.cancel_all(cx, "");
        });
        this.timers.push(cx.after(SECOND, |this, _| this.diary.note("second")));
        this.timers.push(cx.every(SECOND, |this, _| this.diary.note("third")));
    });
    trial.advance(60 * SECOND);
    diary.expect(&["first"]);
}

#[test]
fn a_closure_arms_the_next() {
    fn again(this: &mut Armed, cx: &mut Context<Armed>) {
        this.diary.note("again");
        cx.after(SECOND, again);
    }
    let (mut trial, diary) = armed(|_, cx| {
        cx.after(SECOND, again);
    });
    trial.advance(3 * SECOND);
    diary.expect(&["again", "again", "again"]);
}

#[test]
fn closures_end_with_the_action() {
    let (mut trial, diary) = armed(|_, cx| {
        cx.every(SECOND, |this, _| this.diary.note("every"));
        cx.after(2 * SECOND + SECOND / 2, |_, cx| cx.finish());
        cx.after(2 * SECOND + SECOND / 2, |this, _| this.diary.note("in the tick of the end"));
        cx.after(3 * SECOND, |this, _| this.diary.note("late"));
    });
    trial.advance(60 * SECOND).expect_close(1000);
    diary.expect(&["every", "every", "finish"]);
}

#[test]
fn all_memory_a_closure_holds_is_given_back_with_the_action() {
    let held = Rc::new(());
    let lent = Rc::downgrade(&held);
    let (mut trial, _) = armed(move |_, cx| {
        let lent = lent.upgrade();
        cx.every(SECOND, move |_, _| drop(lent.clone()));
    });
    assert_eq!(Rc::strong_count(&held), 2);
    trial.advance(SECOND).hang_up();
    assert_eq!(Rc::strong_count(&held), 1);
}

on_every_transport! { erring:
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_millis(500), |_, _| Err::<(), _>("no luck in `after`"));
        let mut is_first = true;
        cx.every(SECOND, move |this, _| {
            if std::mem::take(&mut is_first) {
                return Err("no luck in `every`");
            }
            this.diary.note("every");
            Ok(())
        });
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.diary.note("tick");
        if cx.param_text("halts").is_none() {
            return Err(Halt::new(402, "no luck in a timer"));
        }
        Ok(())
    }
}

#[test]
fn an_error_is_logged_and_neither_the_timer_nor_the_action_ends() {
    for stage in erring::stages() {
        let log = Listening::listen();
        let mut viewer = stage.visit();
        viewer.advance(SECOND);
        log.expect_line(&["ERROR", "Probe", "closures.rs:", "no luck in `after`"]);
        log.expect_line(&["ERROR", "Probe", "closures.rs:", "no luck in `every`"]);
        log.expect_line(&["ERROR", "Probe", "tick", "closures.rs:", "no luck in a timer"]);
        viewer.advance(SECOND).expect_nothing().expect_no_finish();
        stage.diary.expect(&["tick", "tick", "every"]);
    }
}

on_every_transport! { panicking:
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match cx.param::<String>("in")?.as_str() {
            "after" => cx.after(SECOND, |this, _| this.fail()),
            "every" => cx.every(SECOND, |this, _| this.fail()),
            _ => cx.after(10 * SECOND, |this, _| this.diary.note("too late")),
        };
        Ok(())
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        if cx.param_text("in").as_deref() == Some("timer") {
            self.fail();
        }
    }

    fn fail(&mut self) {
        panic!("bad luck");
    }

    #[on_finish]
    fn end(&mut self, cx: &mut Context<Self>) {
        self.diary.note(cx.finish_reason());
    }
}

#[test]
fn a_panic_is_logged_and_ends_the_action_its_transports_way() {
    for place in ["after", "every", "timer"] {
        for stage in panicking::stages() {
            let log = Listening::listen();
            let mut viewer = stage.world.visit(stage.request_for(&format!("/?in={place}")));
            viewer.advance(SECOND);
            log.expect_line(&["ERROR", "Probe", "closures.rs:", "panicked: bad luck"]);
            stage.diary.expect(&["failed"]);
            match stage.transport {
                Transport::Regular | Transport::LongPolling => viewer.expect_status(500),
                Transport::Websocket => viewer.expect_close(1011),
                Transport::Sse => viewer.expect_end(),
                Transport::Chunked => viewer.expect(crampon::trial::Heard::Cut),
            };
            viewer.advance(60 * SECOND);
            stage.diary.expect(&[]);
        }
    }
}
