//! Line 2: nothing is on the wire, and nothing else runs, before every `before_start` agrees.

use crampon::prelude::*;
use crampon::trial::{Heard, Visit, World};
use crampon_tests::on_every_transport;
use crampon_tests::stage::Diary;

use crate::{milliseconds, seconds};

on_every_transport! { agreeing:
    #[before_start]
    fn first(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("first");
    }

    #[before_start]
    fn second(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
        self.diary.note("second");
        Ok(())
    }

    #[on_start]
    fn start(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("start");
    }
}

#[test]
fn every_before_start_runs_in_order() {
    for stage in agreeing::stages() {
        let _viewer = stage.visit();
        stage.diary.expect(&["first", "second", "start"]);
    }
}

on_every_transport! { refusing:
    #[before_start]
    fn refuse(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.diary.note("refuse");
        cx.set_status(200);
        cx.set_header("x-mood", "willing");
        cx.after(Duration::from_secs(1), |this, _| this.diary.note("a closure"));
        Err(Halt::new(401, "who are you?").header("www-authenticate", "Basic"))
    }

    #[before_start]
    fn next(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("next");
    }

    #[on_start]
    #[periodic_timer(every = "1s")]
    #[on_finish]
    fn never(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("never");
    }
}

#[test]
fn a_halt_is_sent_exactly_as_it_is() {
    for stage in refusing::stages() {
        let mut viewer = stage.visit();
        viewer.expect_status(401).expect_header("www-authenticate", "Basic");
        viewer.expect_header("content-length", "12");
        assert_eq!(viewer.header("x-mood"), None, "{}", stage.transport);
        viewer.expect(Heard::Body(b"who are you?".into())).expect_end();
    }
}

#[test]
fn nothing_else_runs_after_a_halt() {
    for stage in refusing::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(60)).expect_no_finish();
        stage.diary.expect(&["refuse"]);
    }
}

#[test]
fn the_connection_of_a_refused_request_serves_the_next() {
    for stage in refusing::stages() {
        let mut viewer = stage.visit();
        viewer.expect_status(401).expect_render("who are you?").expect_end();
        viewer.again(stage.request()).expect_status(401).expect_render("who are you?");
    }
}

on_every_transport! { held:
    #[before_start]
    fn ask(&mut self, cx: &mut Context<Self>) {
        self.diary.note("ask");
        cx.hold();
        cx.defer(|| "yes").then(|this, cx, answer| {
            this.diary.note(answer.expect("the work is done"));
            cx.proceed();
            cx.proceed();
            cx.halt(Halt::new(403, "too late"));
        });
    }

    #[before_start]
    fn next(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("next");
    }

    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        self.diary.note("start");
        cx.render("welcome");
    }
}

#[test]
fn a_hold_parks_the_chain_until_proceed_and_a_second_word_is_ignored() {
    for stage in held::stages() {
        let mut viewer = stage.visit();
        stage.diary.expect(&["ask"]);
        viewer.advance(seconds(0));
        stage.diary.expect(&["yes", "next", "start"]);
        viewer.expect_status(stage.success());
    }
}

#[test]
fn nothing_is_on_the_wire_before_the_chain_is_through() {
    for stage in held::stages() {
        let mut viewer = stage.visit();
        assert_eq!(viewer.status(), None, "{}", stage.transport);
        viewer.expect_nothing();
        assert!(viewer.wire().receive().is_empty(), "{}", stage.transport);
    }
}

#[test]
fn who_leaves_while_held_never_started() {
    for stage in held::stages().into_iter().filter(|stage| stage.transport != Transport::Regular) {
        let mut viewer = stage.visit();
        viewer.hang_up().advance(seconds(1)).expect_no_finish();
        stage.diary.expect(&["ask"]);
    }
}

on_every_transport! { turned_away:
    #[before_start]
    fn ask(&mut self, cx: &mut Context<Self>) {
        cx.hold();
        cx.after(Duration::from_secs(2), |_, cx| {
            cx.halt(Halt::new(403, "not you"));
            cx.halt(Halt::new(500, "nor you"));
            cx.proceed();
        });
    }

    #[on_start]
    #[on_finish]
    fn never(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("never");
    }
}

#[test]
fn a_held_chain_may_be_halted_and_a_second_word_is_ignored() {
    for stage in turned_away::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(2)).expect_status(403).expect_render("not you").expect_end();
        viewer.expect_no_finish();
        stage.diary.expect(&[]);
    }
}

on_every_transport! { forgotten:
    #[before_start]
    fn ask(&mut self, cx: &mut Context<Self>) {
        cx.hold();
        cx.after(Duration::from_secs(90), |_, cx| cx.proceed());
    }

    #[on_start]
    #[on_finish]
    fn never(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("never");
    }
}

#[test]
fn a_hold_without_a_word_is_answered_503() {
    for stage in forgotten::stages() {
        let mut viewer = stage.visit();
        viewer.advance(seconds(30) - milliseconds(1));
        assert_eq!(viewer.status(), None, "{}", stage.transport);
        viewer.advance(milliseconds(1)).expect_status(503);
        viewer.advance(seconds(120)).expect_no_finish();
        stage.diary.expect(&[]);
    }
}

#[test]
fn an_action_sets_how_long_it_may_hold() {
    #[action(transport = sse, hold_timeout = "5s")]
    struct Hasty;

    #[callbacks]
    impl Hasty {
        #[before_start]
        fn ask(&mut self, cx: &mut Context<Self>) {
            cx.hold();
        }
    }

    let world = World::new(Routes::new().at("/", || Hasty));
    let mut viewer = world.events("/");
    viewer.advance(seconds(4));
    assert_eq!(viewer.status(), None);
    viewer.advance(seconds(1)).expect_status(503);
}

on_every_transport! { at_once:
    #[before_start]
    fn ask(&mut self, cx: &mut Context<Self>) {
        cx.hold();
        cx.proceed();
        self.diary.note("ask");
    }

    #[before_start]
    fn next(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("next");
    }

    #[on_start]
    fn start(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("start");
    }
}

#[test]
fn a_hold_taken_back_in_the_same_callback_goes_on_once() {
    for stage in at_once::stages() {
        let _viewer = stage.visit();
        stage.diary.expect(&["ask", "next", "start"]);
    }
}

on_every_transport! { held_twice:
    #[before_start]
    fn first(&mut self, cx: &mut Context<Self>) {
        self.diary.note("first");
        cx.hold();
        cx.after(Duration::from_secs(1), |_, cx| cx.proceed());
    }

    #[before_start]
    fn second(&mut self, cx: &mut Context<Self>) {
        self.diary.note("second");
        cx.hold();
        cx.after(Duration::from_secs(1), |_, cx| cx.proceed());
    }

    #[on_start]
    fn start(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("start");
    }
}

#[test]
fn every_before_start_may_hold() {
    for stage in held_twice::stages() {
        let mut viewer = stage.visit();
        stage.diary.expect(&["first"]);
        viewer.advance(seconds(1));
        stage.diary.expect(&["second"]);
        viewer.advance(seconds(1));
        stage.diary.expect(&["start"]);
    }
}

/// Lets everybody in after a second, by a timer or by deferred work.
#[action(transport = websocket)]
struct Door {
    diary: Diary,
}

#[callbacks]
impl Door {
    #[before_start]
    fn ask(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        cx.hold();
        if cx.param_or("deferred", false)? {
            cx.defer(|| ()).then(|_, cx, _| cx.proceed());
        } else {
            cx.after(Duration::from_secs(1), |_, cx| cx.proceed());
        }
        Ok(())
    }

    #[on_data]
    fn heard(&mut self, _cx: &mut Context<Self>, text: &str) {
        self.diary.note(text);
    }
}

fn door() -> (World, Diary) {
    let diary = Diary::default();
    let pen = diary.clone();
    (World::new(Routes::new().at("/", move || Door { diary: pen.clone() })), diary)
}

#[test]
fn a_socket_let_in_late_hears_its_viewer() {
    for target in ["/", "/?deferred=true"] {
        let (world, diary) = door();
        let mut viewer = world.socket(target);
        viewer.advance(seconds(1)).expect_status(101);
        viewer.send("hello");
        diary.expect(&["hello"]);
    }
}

#[test]
fn a_body_let_in_late_is_heard() {
    for target in ["/", "/?deferred=true"] {
        let (world, diary) = door();
        let mut viewer = world.post(target, "hello");
        diary.expect(&[]);
        viewer.advance(seconds(1)).expect_status(204);
        diary.expect(&["hello"]);
    }
}

#[test]
fn a_form_let_in_late_is_heard() {
    let (world, diary) = door();
    let mut viewer = world.visit(Visit::post("/", "").form(&[("said", "hello")]));
    viewer.advance(seconds(1)).expect_status(204);
    diary.expect(&["said=hello"]);
}

#[test]
fn a_hold_once_started_is_a_mistake() {
    #[action(transport = websocket)]
    struct Late;

    #[callbacks]
    impl Late {
        #[on_start]
        fn ask(&mut self, cx: &mut Context<Self>) {
            cx.hold();
        }
    }

    let world = World::new(Routes::new().at("/", || Late));
    world.socket("/").expect_status(101).expect_close(1011);
}

#[test]
fn a_render_or_a_finish_before_the_start_is_a_mistake_that_says_what_to_do() {
    #[action(transport = sse)]
    struct Early;

    #[callbacks]
    impl Early {
        #[before_start]
        fn speak(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
            match cx.param_or("finish", false)? {
                true => cx.finish(),
                false => cx.render("too early"),
            }
            Ok(())
        }
    }

    let routes = Routes::new().at("/", || Early);
    let world = World::with(routes, |server| server.development(true));
    for (target, words) in
        [("/", "render in `on_start`"), ("/?finish=true", "refuse with a `Halt`")]
    {
        let mut viewer = world.events(target);
        viewer.expect_status(500);
        let page = viewer.heard().iter().find_map(Heard::rendered).unwrap_or_default();
        assert!(page.contains(words), "{page}");
    }
}
