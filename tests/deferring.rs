//! Work handed to another thread: its result, its failures, and an action that has gone meanwhile.

use crampon::prelude::*;
use crampon::reactor::Settings;
use crampon::trial::{Trial, World};
use crampon_tests::stage::{Diary, Listening};
use crampon_tests::{Host, on_every_transport};

const SECOND: Duration = Duration::from_secs(1);

on_every_transport! { working:
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| 6 * 7).then(Self::done);
        self.diary.note("handed over");
    }

    fn done(&mut self, cx: &mut Context<Self>, result: Result<u32, DeferError>) {
        self.diary.note("done");
        cx.render(format!("{result:?}"));
        cx.finish();
    }
}

#[test]
fn the_result_comes_back_to_the_action() {
    for stage in working::stages() {
        let mut viewer = stage.visit();
        viewer.expect_nothing();
        stage.diary.expect(&["handed over"]);
        viewer.advance(SECOND).expect_status(stage.success()).expect_render("Ok(42)");
        stage.diary.expect(&["done"]);
        viewer.expect_finish(FinishReason::Finished);
    }
}

#[test]
fn a_result_for_an_action_that_has_gone_is_dropped() {
    for stage in working::stages() {
        let mut viewer = stage.visit();
        viewer.wire().reset();
        stage.world.advance(SECOND);
        stage.diary.expect(&["handed over"]);
        viewer.expect_finish(FinishReason::Disconnected { code: None });
    }
}

#[test]
fn a_result_never_comes_to_the_one_who_has_the_place_now() {
    for stage in working::stages() {
        let first = stage.visit();
        first.wire().reset();
        stage.world.publish("nowhere", "and with that the first has left");
        let mut second = stage.visit();
        second.advance(SECOND).expect_render("Ok(42)");
        stage.diary.expect(&["handed over", "handed over", "done"]);
    }
}

on_every_transport! { finishing:
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| ()).then(|this, _, _| this.diary.note("heard by one who has finished"));
        cx.render("bye");
        cx.finish();
    }
}

#[test]
fn a_result_for_an_action_that_has_finished_is_dropped() {
    for stage in finishing::stages() {
        let mut viewer = stage.visit();
        viewer.expect_render("bye").advance(SECOND).expect_finish(FinishReason::Finished);
        stage.diary.expect(&[]);
    }
}

on_every_transport! { panicking:
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| -> u8 { panic!("no {}", "paper") }).then(|_, cx, result| {
            cx.render(match result {
                Err(DeferError::Panicked(text)) => format!("panicked with `{text}`"),
                other => format!("{other:?}"),
            });
        });
    }
}

#[test]
fn a_panic_of_the_work_is_a_result_and_harms_nobody() {
    for stage in panicking::stages() {
        let (mut viewer, mut other) = (stage.visit(), stage.visit());
        stage.world.advance(SECOND);
        viewer.expect_render("panicked with `no paper`");
        other.expect_render("panicked with `no paper`");
    }
}

/// What an action does with a result it cannot use.
#[action(transport = regular | websocket)]
struct Handing;

#[callbacks]
impl Handing {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let work = || -> u8 { panic!("no paper") };
        match cx.param::<String>("as")?.as_str() {
            "halt" => cx.defer(work).then(|_, _, result| -> Result<(), Halt> {
                result?;
                Ok(())
            }),
            "error" => cx.defer(work).then(|_, _, result| -> Result<(), DeferError> {
                result?;
                Ok(())
            }),
            _ => cx.defer(work).then(|_, _, result| {
                result.expect("there is paper");
            }),
        }
        Ok(())
    }
}

#[test]
fn an_error_made_of_a_result_ends_the_action_as_any_other() {
    for (kind, status, logged) in [
        ("halt", 503, None),
        ("error", 500, Some("the deferred work panicked: no paper")),
        ("panic", 500, Some("panicked: there is paper")),
    ] {
        let log = Listening::listen();
        let world = World::new(Routes::new().at("/", || Handing));
        let target = format!("/?as={kind}");
        let mut page = world.get(&target);
        page.advance(SECOND).expect_status(status).expect_finish(FinishReason::Failed);
        match logged {
            None => assert!(log.lines_with("ERROR").is_empty()),
            Some(reason) => log.expect_line(&["ERROR", "Handing", "deferring.rs:", reason]),
        }
        let mut socket = world.socket(&target);
        socket.expect_status(101).advance(SECOND).expect_close(1011);
        socket.expect_finish(FinishReason::Failed);
    }
}

on_every_transport! { held:
    #[before_start]
    fn look_up(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        cx.hold();
        match cx.param::<String>("then")?.as_str() {
            "proceed" => cx.defer(|| true).then(Self::found),
            "halt" => cx.defer(|| false).then(Self::found),
            "error" => cx.defer(|| ()).then(|_, _, _| Err::<(), _>("no luck")),
            "err-halt" => cx.defer(|| ()).then(|_, _, _| Err::<(), _>(Halt::new(402, "pay"))),
            _ => cx.defer(|| panic!("no paper")).then(|_, cx, found: Result<(), DeferError>| {
                match found {
                    Ok(()) => cx.proceed(),
                    Err(error) => cx.halt(error.into()),
                }
            }),
        }
        Ok(())
    }

    fn found(&mut self, cx: &mut Context<Self>, found: Result<bool, DeferError>) {
        match found {
            Ok(true) => cx.proceed(),
            _ => cx.halt(Halt::new(404, "nobody of that name")),
        }
    }

    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        self.diary.note("start");
        cx.render("welcome");
        cx.finish();
    }

    #[on_finish]
    fn end(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("finish");
    }
}

#[test]
fn a_check_can_wait_for_a_result_and_nothing_is_said_before() {
    for stage in held::stages() {
        let mut viewer = stage.world.visit(stage.request_for("/?then=proceed"));
        assert_eq!(viewer.status(), None);
        viewer.advance(SECOND).expect_status(stage.success()).expect_render("welcome");
        stage.diary.expect(&["start", "finish"]);
    }
}

#[test]
fn a_check_that_waited_can_refuse_with_any_answer() {
    for (then, status, body) in [
        ("halt", 404, "nobody of that name"),
        ("err-halt", 402, "pay"),
        ("panic", 503, "the deferred work panicked: no paper\n"),
    ] {
        for stage in held::stages() {
            let mut viewer = stage.world.visit(stage.request_for(&format!("/?then={then}")));
            viewer.advance(SECOND).expect_status(status).expect_render(body).expect_end();
            viewer.expect_no_finish();
            stage.diary.expect(&[]);
        }
    }
}

#[test]
fn a_check_that_waited_and_fails_is_answered_with_500() {
    for stage in held::stages() {
        let log = Listening::listen();
        let mut viewer = stage.world.visit(stage.request_for("/?then=error"));
        viewer.advance(SECOND).expect_status(500).expect_no_finish();
        log.expect_line(&["ERROR", "Probe", "no luck"]);
        stage.diary.expect(&[]);
    }
}

/// Defers more than can wait, and counts what becomes of it.
#[action(transport = sse)]
struct Flood {
    diary: Diary,
    jobs: usize,
}

#[callbacks]
impl Flood {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        for job in 0..self.jobs {
            cx.defer(move || job).then(|this, _, result| match result {
                Ok(_) => this.diary.note("done"),
                Err(error) => this.diary.note(error),
            });
        }
    }
}

#[test]
fn work_that_finds_no_place_is_told_so_and_the_rest_is_done() {
    const FULL: &str = "the queue for deferred work is full";
    let places = Settings::default().pool_queue;
    let diary = Diary::default();
    let mut flood = Trial::start(Flood { diary: diary.clone(), jobs: places + 2 });
    diary.expect(&[FULL, FULL]);
    flood.advance(SECOND);
    assert_eq!(diary.read(), vec!["done"; places]);
    flood.expect_no_finish();
}

/// How long the work of [`Clockwatcher`] takes, at the least.
const WORK: Duration = Duration::from_millis(300);

/// Says how long it has waited for a result, as its own clock has it.
#[action(transport = regular)]
struct Clockwatcher {
    began: Option<std::time::Instant>,
}

#[callbacks]
impl Clockwatcher {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        self.began = Some(cx.now());
        cx.defer(|| std::thread::sleep(WORK)).then(Self::done);
    }

    fn done(&mut self, cx: &mut Context<Self>, _: Result<(), DeferError>) {
        let waited = self.began.map(|began| cx.now() - began).expect("it has begun");
        cx.render(if waited < WORK { "no time at all" } else { "long enough" });
        cx.finish();
    }
}

#[test]
fn a_result_comes_at_its_own_time_and_what_it_took_is_no_callbacks_time() {
    let host = Host::serve(|| {
        Routes::new().get("/", || Clockwatcher { began: None }).get("/metrics", Metrics::new)
    });
    assert_eq!(host.get("/").text(), "long enough");
    let answer = host.get("/metrics");
    let longest = answer.text().lines().filter(|line| line.contains("longest_seconds{"));
    let longest: Vec<(&str, f64)> = longest
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, took)| (name, took.parse().expect("a gauge is a number")))
        .collect();
    assert!(!longest.is_empty());
    for (name, took) in longest {
        assert!(took < WORK.as_secs_f64(), "{name} took {took} s");
    }
}
