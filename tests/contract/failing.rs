//! Line 7: a callback that fails is answered as far as it can be, logged, and nobody else's
//! trouble.

use std::fmt;

use crampon::action::Action;
use crampon::prelude::*;
use crampon::trial::{Heard, Trial, World};
use crampon_tests::on_every_transport;
use crampon_tests::stage::{Listening, Stage};

use crate::seconds;

/// Fails in the callback its request names, in the way its request names.
fn fail_in<A: Action>(callback: &str, cx: &Context<A>) -> Result<(), String> {
    match cx.header("fail") {
        Some(wish) if wish == callback => Err("<no> bananas".to_owned()),
        Some(wish) if wish == format!("{callback}, panic") => panic!("<no> bananas"),
        _ => Ok(()),
    }
}

on_every_transport! { wishing:
    #[before_start]
    fn guard(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        fail_in("guard", cx)
    }

    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        cx.subscribe("room");
        cx.set_header("x-mood", "hopeful");
        cx.after(Duration::from_secs(1), |_, cx| {
            assert!(cx.header("fail") != Some("closure"), "<no> bananas");
        });
        cx.defer(|| ()).then(|_, cx, _| fail_in("result", cx));
        fail_in("start", cx)
    }

    #[on_message]
    fn hear(&mut self, cx: &mut Context<Self>, _message: &Message) -> Result<(), String> {
        fail_in("hear", cx)
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        match cx.header("fail") {
            Some("tick, panic") => fail_in("tick", cx),
            _ => Ok(()),
        }
    }

    #[on_finish]
    fn done(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        self.diary.note(cx.finish_reason());
        fail_in("done", cx)
    }

    #[on_finish]
    fn done_too(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("and done");
    }
}

/// Visits with a wish for a failure, and lets it come to that.
fn visit_wishing(stage: &Stage, wish: &str) -> Trial {
    let mut viewer = stage.world.visit(stage.request().header("fail", wish));
    if wish.starts_with("hear") {
        stage.world.publish("room", "hello");
    } else if wish != "start" {
        viewer.advance(seconds(1));
    }
    viewer
}

/// Every callback that can fail its action, with the name the log has for it.
const WISHES: [(&str, &str); 9] = [
    ("guard", "guard"),
    ("guard, panic", "guard"),
    ("start", "start"),
    ("start, panic", "start"),
    ("hear", "hear"),
    ("hear, panic", "hear"),
    ("tick, panic", "tick"),
    ("closure", "a closure of `after`"),
    ("result", "a closure of `defer`"),
];

#[test]
fn a_failure_before_the_head_is_a_500_in_a_plain_sentence_on_every_transport() {
    let _log = Listening::listen();
    for (wish, _) in WISHES {
        for stage in wishing::stages() {
            if stage.is_stream() && !wish.starts_with("guard") {
                continue;
            }
            let mut viewer = visit_wishing(&stage, wish);
            viewer.expect_status(500).expect_header("content-type", "text/plain; charset=utf-8");
            viewer.expect_render("Something went wrong\n").expect_end().expect_nothing();
            assert_eq!(viewer.header("x-mood"), None, "{wish} on {}", stage.transport);
        }
    }
}

#[test]
fn in_development_the_500_is_a_page_with_the_cause() {
    let _log = Listening::listen();
    for (wish, callback) in WISHES {
        for stage in wishing::stages_with(|server| server.development(true)) {
            if stage.is_stream() && !wish.starts_with("guard") {
                continue;
            }
            let mut viewer = visit_wishing(&stage, wish);
            viewer.expect_status(500).expect_header("content-type", "text/html; charset=utf-8");
            let page = viewer.heard().iter().find_map(Heard::rendered).unwrap_or_default();
            for words in ["&lt;no&gt; bananas", callback, "Probe", "failing.rs:"] {
                assert!(page.contains(words), "`{words}` in {page}");
            }
        }
    }
}

#[test]
fn a_failure_after_the_head_ends_the_stream_as_its_transport_shows_it() {
    let _log = Listening::listen();
    for (wish, _) in WISHES.iter().filter(|(wish, _)| !wish.starts_with("guard")) {
        for stage in wishing::stages().iter().filter(|stage| stage.is_stream()) {
            let mut viewer = visit_wishing(stage, wish);
            viewer.expect_status(stage.success());
            match stage.transport {
                Transport::Chunked => viewer.expect(Heard::Cut),
                Transport::Sse => viewer.expect_end(),
                _ => viewer.expect_close(1011).expect_end(),
            };
            viewer.expect_nothing().expect_finish(FinishReason::Failed);
        }
    }
}

#[test]
fn a_regular_answer_that_fails_under_way_is_cut_short() {
    #[action(transport = regular)]
    struct Half;

    #[callbacks]
    impl Half {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            cx.render("half of it");
            cx.after(Duration::from_secs(1), |_, _| -> () { panic!("no other half") });
        }
    }

    let log = Listening::listen();
    let mut viewer = Trial::start(Half);
    viewer.expect_status(200).expect_render("half of it");
    viewer.advance(seconds(1)).expect(Heard::Cut).expect_finish(FinishReason::Failed);
    log.expect_line(&["no other half"]);
}

#[test]
fn every_failure_is_logged_with_the_action_the_callback_and_its_line() {
    for (wish, callback) in WISHES {
        for stage in wishing::stages() {
            let log = Listening::listen();
            visit_wishing(&stage, wish);
            log.expect_line(&["<no> bananas", "ERROR", "Probe", callback, "failing.rs:"]);
        }
    }
}

#[test]
fn a_failed_action_that_had_started_says_goodbye_once() {
    let _log = Listening::listen();
    for (wish, _) in WISHES {
        for stage in wishing::stages() {
            let mut viewer = visit_wishing(&stage, wish);
            viewer.advance(seconds(60));
            match wish.starts_with("guard") {
                true => stage.diary.expect(&[]),
                false => stage.diary.expect(&["failed", "and done"]),
            }
        }
    }
}

#[test]
fn a_failure_in_on_finish_is_logged_and_the_next_one_runs() {
    for wish in ["done", "done, panic"] {
        for stage in wishing::stages() {
            let log = Listening::listen();
            let mut viewer = visit_wishing(&stage, wish);
            viewer.wire().reset();
            viewer.advance(seconds(1));
            stage.diary.expect(&["disconnected", "and done"]);
            log.expect_line(&["<no> bananas", "ERROR", "Probe", "done", "failing.rs:"]);
        }
    }
}

#[test]
fn the_connection_of_a_failed_answer_serves_the_next_request() {
    let _log = Listening::listen();
    for stage in wishing::stages() {
        let mut viewer = visit_wishing(&stage, "guard");
        viewer.expect_status(500).expect_render("Something went wrong\n").expect_end();
        viewer.again(stage.request().header("fail", "guard")).expect_status(500);
    }
}

#[test]
fn one_connections_failure_is_never_anothers() {
    let _log = Listening::listen();
    for (wish, _) in WISHES {
        for stage in wishing::stages() {
            let mut before = stage.visit();
            visit_wishing(&stage, wish);
            let mut after = stage.visit();
            stage.world.publish("room", "hello").advance(seconds(3));
            before.expect_no_finish();
            after.expect_no_finish();
        }
    }
}

#[test]
fn any_error_that_can_be_shown_will_do() {
    struct Odd(u32);

    impl fmt::Display for Odd {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} is odd", self.0)
        }
    }

    #[action(transport = regular)]
    struct Picky;

    #[callbacks]
    impl Picky {
        #[before_start]
        fn number(&mut self, cx: &mut Context<Self>) -> Result<(), Odd> {
            if cx.path() == "/odd" { Err(Odd(7)) } else { Ok(()) }
        }

        #[before_start]
        fn boxed(&mut self, cx: &mut Context<Self>) -> Result<(), Box<dyn std::error::Error>> {
            if cx.path() == "/boxed" { Err("in a box".into()) } else { Ok(()) }
        }

        #[before_start]
        fn read(&mut self, cx: &mut Context<Self>) -> crampon::Result<()> {
            if cx.path() == "/read" { Err(std::io::Error::other("no disk"))? } else { Ok(()) }
        }
    }

    let log = Listening::listen();
    let world = World::new(Routes::new().at("/{*path}", || Picky));
    for (target, words) in [("/odd", "7 is odd"), ("/boxed", "in a box"), ("/read", "no disk")] {
        world.get(target).expect_status(500);
        log.expect_line(&[words, "ERROR"]);
    }
}

#[test]
fn a_halt_from_any_callback_is_the_answer_until_the_head_is_sent() {
    #[action(transport = sse | regular)]
    struct Teapot;

    #[callbacks]
    impl Teapot {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
            cx.render("coffee?");
            Err(Halt::new(418, "short and stout"))
        }
    }

    let log = Listening::listen();
    let world = World::new(Routes::new().at("/", || Teapot));
    let mut early = world.get("/");
    early.expect_status(418).expect_render("short and stout").expect_end();
    early.expect_finish(FinishReason::Failed);
    assert_eq!(log.lines_with("ERROR"), [""; 0]);
    let mut late = world.events("/");
    late.expect_status(200).expect_render("coffee?").expect_end();
    late.expect_finish(FinishReason::Failed);
    log.expect_line(&["418", "ERROR"]);
}

#[test]
fn an_action_sets_how_long_it_may_take_to_answer() {
    #[action(transport = regular, answer_timeout = "5s")]
    struct Never;

    #[callbacks]
    impl Never {}

    let mut viewer = Trial::start(Never);
    viewer.advance(seconds(4));
    assert_eq!(viewer.status(), None);
    viewer.advance(seconds(1)).expect_status(503).expect_finish(FinishReason::TimedOut);
}

#[test]
fn a_panic_when_an_action_is_dropped_is_logged_and_harms_nobody() {
    #[action(transport = sse)]
    struct Grenade;

    #[callbacks]
    impl Grenade {
        #[on_start]
        fn start(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("room");
        }
    }

    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("the pin is out");
        }
    }

    let log = Listening::listen();
    let world = World::new(Routes::new().at("/", || Grenade));
    let (mut one, mut other) = (world.events("/"), world.events("/"));
    one.hang_up();
    log.expect_line(&["ERROR", "panicked when it was dropped", "Grenade"]);
    world.publish("room", "hello");
    other.expect_render("hello").hang_up();
}
