//! Line 1: a request is routed, and a fresh action is made for it.

use std::cell::Cell;

use crampon::prelude::*;
use crampon::trial::{Heard, Visit, World};
use crampon_tests::stage::Diary;
use http::Method;

#[action(transport = regular)]
struct Page {
    visits: u32,
}

#[callbacks]
impl Page {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        self.visits += 1;
        cx.render(format!("visit {}", self.visits));
        cx.finish();
    }
}

#[test]
fn every_request_gets_an_action_of_its_own() {
    let made = Rc::new(Cell::new(0));
    let counter = made.clone();
    let world = World::new(Routes::new().at("/", move || {
        counter.set(counter.get() + 1);
        Page { visits: 0 }
    }));
    let mut viewer = world.get("/");
    viewer.expect_render("visit 1").expect_end();
    viewer.again(Visit::get("/")).expect_render("visit 1").expect_end();
    world.get("/").expect_render("visit 1");
    assert_eq!(made.get(), 3);
}

#[test]
fn a_recipe_that_panics_is_a_500_and_nobody_elses_trouble() {
    let is_broken = Rc::new(Cell::new(true));
    let switch = is_broken.clone();
    let world = World::new(Routes::new().at("/", move || {
        assert!(!switch.get(), "the recipe is broken");
        Page { visits: 0 }
    }));
    world.get("/").expect_status(500);
    is_broken.set(false);
    world.get("/").expect_status(200);
}

#[test]
fn requests_that_find_no_action_are_told_so() {
    let world = World::new(Routes::new().at("/here", || Page { visits: 0 }));
    world.get("/there").expect_status(404);
    world
        .visit(Visit::new(Method::PUT, "/here"))
        .expect_status(405)
        .expect_header("allow", "GET, HEAD");
}

/// Tells what it sees of a request, and when.
#[action(transport = regular)]
struct Desk {
    diary: Diary,
}

#[callbacks]
impl Desk {
    #[before_start]
    fn look(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.diary.note(format!("name={}", cx.param_or("name", "?".to_owned())?));
        if cx.param_or("refused", false)? {
            return Err(Halt::new(401, "who are you?"));
        }
        if cx.param_or("held", false)? {
            cx.hold();
            cx.after(Duration::from_secs(1), |_, cx| cx.proceed());
        }
        Ok(())
    }

    #[on_data]
    fn received(&mut self, _cx: &mut Context<Self>, text: &str) {
        self.diary.note(format!("body={text}"));
    }
}

fn desk(form_bytes_max: usize) -> (World, Diary) {
    let diary = Diary::default();
    let pen = diary.clone();
    let routes = Routes::new().at("/", move || Desk { diary: pen.clone() });
    let world = World::with(routes, |server| {
        server.limits(|limits| limits.form_bytes_max = form_bytes_max)
    });
    (world, diary)
}

#[test]
fn a_short_form_is_read_before_the_action_is_made_so_that_its_fields_are_params() {
    let (world, diary) = desk(64);
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let viewer =
        world.visit(Visit::new(Method::POST, "/").announcing(8).header("content-type", form));
    viewer.send_bytes(b"name");
    diary.expect(&[]);
    viewer.send_bytes(b"=Ann");
    diary.expect(&["name=Ann", "body=name=Ann"]);
}

#[test]
fn a_form_of_exactly_form_bytes_max_is_short() {
    let (world, diary) = desk(8);
    world.visit(Visit::new(Method::POST, "/").form(&[("name", "Ann")])).expect_status(204);
    diary.expect(&["name=Ann", "body=name=Ann"]);
}

#[test]
fn a_longer_form_is_an_ordinary_body() {
    let (world, diary) = desk(7);
    world.visit(Visit::new(Method::POST, "/").form(&[("name", "Ann")])).expect_status(204);
    diary.expect(&["name=?", "body=name=Ann"]);
}

#[test]
fn any_other_body_is_read_only_after_before_start() {
    let (world, diary) = desk(64);
    let mut viewer = world.visit(Visit::new(Method::POST, "/?name=Bob").announcing(5));
    diary.expect(&["name=Bob"]);
    viewer.send_bytes(b"hello");
    diary.expect(&["body=hello"]);
    viewer.expect_status(204);
}

#[test]
fn a_client_that_waits_for_100_continue_gets_it_when_the_reading_starts() {
    let (world, diary) = desk(64);
    let mut viewer = world.visit(
        Visit::new(Method::POST, "/?held=true").announcing(5).header("expect", "100-continue"),
    );
    diary.expect(&["name=?"]);
    viewer.expect_nothing();
    viewer.advance(Duration::from_secs(1)).expect(Heard::Continue);
    viewer.send_bytes(b"hello");
    diary.expect(&["body=hello"]);
    viewer.expect_status(204);
}

#[test]
fn a_form_is_asked_for_at_once() {
    let (world, diary) = desk(64);
    let form = "application/x-www-form-urlencoded";
    let visit = Visit::new(Method::POST, "/")
        .announcing(8)
        .header("content-type", form)
        .header("expect", "100-continue");
    let mut viewer = world.visit(visit);
    viewer.expect(Heard::Continue);
    viewer.send_bytes(b"name=Ann");
    diary.expect(&["name=Ann", "body=name=Ann"]);
}

#[test]
fn a_client_that_is_refused_is_never_asked_for_its_body() {
    let (world, diary) = desk(64);
    let mut viewer = world.visit(
        Visit::new(Method::POST, "/?refused=true").announcing(5).header("expect", "100-continue"),
    );
    viewer.expect_status(401).expect_render("who are you?").expect_end().expect_nothing();
    diary.expect(&["name=?"]);
}
