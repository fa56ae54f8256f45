//! Gaps: they are told in band, and an action can answer one with a snapshot.

use std::net::SocketAddr;
use std::time::Duration;

use crampon::reactor::Reactor;

use super::*;

const STATE: Channel = Channel::new("state").history(2);

/// Shows the state: says it whole when its viewer has missed something, then each change.
#[action(transport = websocket | sse | long_polling, subscribe = STATE)]
struct Board {
    state: Rc<std::cell::Cell<u32>>,
}

#[callbacks]
impl Board {
    #[on_gap]
    fn missed(&mut self, cx: &mut Context<Self>, gap: &Gap) {
        cx.render(Event::new(format!("snapshot {}", self.state.get())).named(gap.reason.name()));
        cx.render(Event::new("that was all"));
    }
}

struct Office {
    world: World,
    state: Rc<std::cell::Cell<u32>>,
}

impl Office {
    fn new() -> Self {
        let state = Rc::new(std::cell::Cell::new(0));
        let board = state.clone();
        let world = World::new(Routes::new().at("/", move || Board { state: board.clone() }));
        Self { world, state }
    }

    fn change(&self) {
        self.state.set(self.state.get() + 1);
        self.world.publish(STATE, format!("change {}", self.state.get()));
    }
}

#[test]
fn a_snapshot_answers_a_gap_and_what_follows_is_all_that_came_after() {
    for way in [Way::Socket, Way::Events] {
        let office = Office::new();
        let mut cursor = String::new();
        let mut viewer = office.world.visit(way.visit("/", ""));
        office.change();
        heard(&mut viewer, &mut cursor);
        viewer.hang_up();
        for _ in 0..5 {
            office.change();
        }
        let mut viewer = office.world.visit(way.visit("/", &cursor));
        office.change();
        let said = heard(&mut viewer, &mut cursor);
        assert_eq!(texts(&said[1..]), ["snapshot 6", "that was all", "change 7"], "{way:?}");
        assert_eq!((&*said[0].event, &*said[1].event), ("crampon.gap", "expired"));
        viewer.hang_up();
        office.change();
        let mut viewer = office.world.visit(way.visit("/", &cursor));
        assert_eq!(texts(&heard(&mut viewer, &mut cursor)), ["change 8"], "{way:?}");
    }
}

#[test]
fn a_snapshot_answers_what_is_published_in_its_own_tick() {
    /// Writes down, and says to all who look.
    #[action(transport = regular)]
    struct Writer {
        state: Rc<std::cell::Cell<u32>>,
    }

    #[callbacks]
    impl Writer {
        #[on_start]
        fn write(&mut self, cx: &mut Context<Self>) {
            self.state.set(self.state.get() + 1);
            cx.publish(STATE, format!("change {}", self.state.get()));
            cx.finish();
        }
    }

    let state = Rc::new(std::cell::Cell::new(0));
    let (board, writer) = (state.clone(), state);
    let routes = Routes::new()
        .at("/", move || Board { state: board.clone() })
        .at("/write", move || Writer { state: writer.clone() });
    let world = World::new(routes);
    let (viewer, writer) = (world.connect(), world.connect());
    viewer.wire().send(
        b"GET / HTTP/1.1\r\nhost: test\r\naccept: text/event-stream\r\nlast-event-id: none\r\n\r\n",
    );
    writer.wire().send(b"GET /write HTTP/1.1\r\nhost: test\r\n\r\n");
    world.advance(Duration::ZERO);
    let mut viewer = viewer;
    let said = heard(&mut viewer, &mut String::new());
    assert_eq!(texts(&said)[1..], ["snapshot 1", "that was all"]);
}

#[test]
fn who_is_cut_off_right_behind_its_snapshot_does_not_hear_it_again() {
    for way in WAYS {
        let office = Office::new();
        for _ in 0..5 {
            office.change();
        }
        let mut cursor = "none".to_owned();
        let mut viewer = office.world.visit(way.visit("/", "none"));
        let said = heard(&mut viewer, &mut cursor);
        assert_eq!(texts(&said[1..]), ["snapshot 5", "that was all"], "{way:?}");
        viewer.hang_up();
        office.change();
        let mut viewer = office.world.visit(way.visit("/", &cursor));
        assert_eq!(texts(&heard(&mut viewer, &mut cursor)), ["change 6"], "{way:?}");
    }
}

#[test]
fn a_raw_poll_is_answered_with_the_gap_and_then_with_what_is_kept() {
    let world = house();
    for number in 0..105 {
        world.publish(NEWS, number.to_string());
    }
    let mut poll = world.get("/");
    world.publish(NEWS, "105");
    poll.expect_status(200).expect_render("105");
    let cursor = poll.header("last-event-id").expect("a poll's answer says where it stands");
    let (epoch, offset) = cursor.rsplit_once('-').expect("a cursor");
    let old = format!("{epoch}-{}", offset.parse::<u64>().expect("an offset") - 103);
    let mut poll = world.visit(Visit::get("/").header("last-event-id", &old));
    poll.expect_render(&format!(r#"{{"reason":"expired","after":"{old}"}}"#));
    let cursor = poll.header("last-event-id").expect("a poll's answer says where it stands");
    let mut poll = world.visit(Visit::get("/").header("last-event-id", &cursor));
    poll.expect_render("6");
}

/// Answers a gap by subscribing to all there is, anew or after a cursor that is lost as well.
#[action(transport = websocket | sse | long_polling, subscribe = STATE)]
struct Insistent {
    is_stubborn: bool,
}

#[callbacks]
impl Insistent {
    #[on_gap]
    fn missed(&mut self, cx: &mut Context<Self>, _: &Gap) {
        cx.unsubscribe(STATE);
        match self.is_stubborn {
            true => cx.subscribe(STATE.after("lost")),
            false => cx.subscribe(STATE.replay(Replay::All)),
        }
    }
}

#[test]
fn a_gap_answered_by_subscribing_anew_is_told_once() {
    let world = World::new(Routes::new().at("/", || Insistent { is_stubborn: false }));
    world.publish(STATE, "one").publish(STATE, "two");
    for way in WAYS {
        let mut viewer = world.visit(way.visit("/", "lost"));
        let said = heard(&mut viewer, &mut String::new());
        assert_eq!(texts(&said[1..]), ["one", "two"], "{way:?}");
    }
}

/// One that never gets further hears of it for ever, and nobody else has to wait for that.
#[test]
fn a_gap_answered_with_another_does_not_hold_the_loop() {
    let (mut reactor, simulation) = Reactor::simulated(7);
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = simulation.listen(address).expect("nobody else listens");
    let address = listener.local_addr().expect("it listens");
    let routes = Routes::new().at("/", || Insistent { is_stubborn: true });
    Server::on(listener).attach(&mut reactor, routes).expect("it is attached");
    let viewer = simulation.connect(address).expect("it is accepted");
    let accepts = "Accept: text/event-stream\r\nLast-Event-ID: lost";
    viewer.send(format!("GET / HTTP/1.1\r\nHost: here\r\n{accepts}\r\n\r\n").as_bytes());
    for _ in 0..10 {
        reactor.turn(Some(Duration::ZERO)).expect("it turns");
    }
    let told = viewer.receive();
    assert!((1..20_000).contains(&told.len()), "{} bytes", told.len());
}
