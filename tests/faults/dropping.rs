//! Panics where things are dropped, and where actions are made: they stay with whose they are.

use crampon::trial::World;

use super::*;
use crampon_tests::stage::Listening;

/// Panics when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("the pin is out");
    }
}

/// Hands work to a thread that brings a grenade back, and leaves.
#[action(transport = sse)]
struct Thrower;

#[callbacks]
impl Thrower {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| Grenade).then(|_, _, thrown| std::mem::forget(thrown));
    }
}

/// Asks for work that holds a grenade, and ends before it can be handed over.
#[action(transport = regular)]
struct Quitter;

#[callbacks]
impl Quitter {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        let grenade = Grenade;
        cx.defer(move || std::mem::forget(grenade)).then(|_, _, _| ());
        cx.finish();
    }
}

/// Asks for work that holds a grenade, and stays.
#[action(transport = sse)]
struct Burdened;

#[callbacks]
impl Burdened {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        let grenade = Grenade;
        cx.defer(move || std::mem::forget(grenade)).then(|_, cx, done| {
            cx.render(if done.is_ok() { "done" } else { "no place" });
        });
    }
}

/// Keeps a closure that holds a grenade.
#[action(transport = sse)]
struct Keeper;

#[callbacks]
impl Keeper {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        let grenade = Grenade;
        cx.after(seconds(60), move |_, _| std::mem::forget(grenade));
    }
}

fn house() -> World {
    let refuse = || -> Hello { panic!("no such action today") };
    let routes = Routes::new()
        .at("/thrower", || Thrower)
        .get("/quitter", || Quitter)
        .at("/burdened", || Burdened)
        .at("/keeper", || Keeper)
        .get("/broken", refuse)
        .get("/hello", || Hello)
        .get("/defer", || Deferring);
    World::new(routes)
}

fn is_well(world: &World) {
    world.get("/hello").expect_render("hello");
}

#[test]
fn a_result_for_one_who_has_left_may_panic_as_it_is_dropped() {
    let log = Listening::listen();
    let world = house();
    let at_first = world.gauges();
    world.events("/thrower").hang_up();
    world.advance(seconds(1));
    log.expect_line(&["ERROR", "panicked when it was dropped", "the pin is out"]);
    is_well(&world);
    world.advance(seconds(60));
    assert_eq!(world.gauges(), at_first);
}

#[test]
fn work_of_one_who_has_ended_may_panic_as_it_is_dropped() {
    let log = Listening::listen();
    let world = house();
    world.get("/quitter").expect_status(200);
    log.expect_line(&["ERROR", "Quitter", "panicked when it was dropped"]);
    is_well(&world);
}

#[test]
fn work_that_finds_no_place_may_panic_as_it_is_dropped() {
    let world = house();
    let places = crampon::reactor::Settings::default().pool_queue;
    let _waiting: Vec<_> = (0..places).map(|_| world.get("/defer")).collect();
    world.events("/burdened").expect_render("no place");
    is_well(&world);
}

#[test]
fn a_closure_that_waits_may_panic_as_it_is_dropped() {
    let log = Listening::listen();
    let world = house();
    world.events("/keeper").hang_up();
    log.expect_line(&["ERROR", "Keeper", "panicked when it was dropped"]);
    is_well(&world);
}

#[test]
fn a_recipe_that_panics_is_a_500_each_time() {
    let log = Listening::listen();
    let world = house();
    for _ in 0..3 {
        world.get("/broken").expect_status(500);
    }
    let said = log.lines_with("the recipe of a route panicked: no such action today");
    assert_eq!(said.len(), 3);
    is_well(&world);
}
