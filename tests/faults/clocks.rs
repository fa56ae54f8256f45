//! Clocks that jump: a loop that was held, or not let run, judges nobody by the time it lost.

use crampon::Running;
use crampon::reactor::{Peer, Reactor, Simulation};
use crampon::trial::World;

use super::*;

/// Waits for word on a channel that keeps nothing.
#[action(transport = long_polling, subscribe = "word")]
struct Waiter;

#[callbacks]
impl Waiter {}

/// A server on a loop that the test holds.
struct House {
    reactor: Reactor,
    simulation: Simulation,
    server: Running,
}

impl House {
    fn open() -> Self {
        let (mut reactor, simulation) = Reactor::simulated(7);
        let listener = simulation.listen(([127, 0, 0, 1], 80).into()).expect("it is free");
        let routes = Routes::new().get("/defer", || Deferring).get("/wait", || Waiter);
        let server = Server::on(listener).attach(&mut reactor, routes).expect("no two conflict");
        Self { reactor, simulation, server }
    }

    fn get(&mut self, path: &str) -> Peer {
        let address = self.server.local_addr().expect("it has one");
        let viewer = self.simulation.connect(address).expect("it listens");
        viewer.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        self.settle();
        viewer
    }

    fn settle(&mut self) {
        self.reactor.advance(Duration::ZERO).expect("it comes to rest");
    }
}

fn heard(viewer: &Peer) -> String {
    String::from_utf8(viewer.receive()).expect("it is text")
}

#[test]
fn an_answer_that_waits_for_a_loop_that_was_held_is_still_given() {
    let mut house = House::open();
    house.reactor.hold_work(true);
    let viewer = house.get("/defer");
    house.simulation.stall(seconds(3600));
    house.reactor.hold_work(false);
    house.settle();
    let answer = heard(&viewer);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("done"), "{answer}");
}

#[test]
fn who_waits_for_word_hears_what_was_said_while_the_loop_was_held() {
    let mut house = House::open();
    let viewer = house.get("/wait");
    house.simulation.stall(seconds(3600));
    house.server.publish("word", "at last").expect("it runs");
    house.settle();
    assert!(heard(&viewer).ends_with("at last"));
}

#[test]
fn who_is_late_though_the_loop_was_held_is_given_up_a_little_later() {
    let mut house = House::open();
    let viewer = house.get("/wait");
    house.simulation.stall(seconds(3600));
    house.settle();
    assert_eq!(heard(&viewer), "");
    house.reactor.advance(seconds(2)).expect("it comes to rest");
    assert!(heard(&viewer).starts_with("HTTP/1.1 204 "));
}

/// The first sign of life in that time was taken for the end of it.
#[test]
fn who_goes_on_after_the_loop_was_held_has_the_time_it_was_given() {
    let mut house = House::open();
    let address = house.server.local_addr().expect("it has one");
    let viewer = house.simulation.connect(address).expect("it listens");
    let says = |house: &mut House, part: &str| {
        viewer.send(part.as_bytes());
        house.reactor.advance(Duration::from_millis(100)).expect("it comes to rest");
    };
    says(&mut house, "GET /defer HTTP/1.1\r\n");
    house.simulation.stall(seconds(3600));
    for part in ["Host: ", "a", "\r\n", "\r\n"] {
        says(&mut house, part);
    }
    let answer = heard(&viewer);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn a_laptop_that_slept_finds_its_viewers_and_ticks_once() {
    #[action(transport = websocket)]
    #[derive(Default)]
    struct Clock {
        ticks: u32,
    }

    #[callbacks]
    impl Clock {
        #[periodic_timer(every = "1s")]
        fn tick(&mut self, cx: &mut Context<Self>) {
            self.ticks += 1;
            cx.render(format!("tick {}", self.ticks));
        }
    }

    let world = World::new(Routes::new().at("/", Clock::default));
    let mut viewer = world.socket("/");
    world.advance(seconds(1));
    viewer.expect_render("tick 1");
    world.stall(seconds(8 * 3600));
    viewer.expect_render("tick 2").expect_nothing();
    world.advance(seconds(120));
    let ticks = viewer.heard().iter().filter(|heard| heard.rendered().is_some()).count();
    assert_eq!(ticks, 120, "at its old rate, and its viewer answers pings");
    viewer.expect_no_finish();
}
