//! The server ends in good order: step by step, at a pace, with a last word.

use crampon::prelude::*;
use crampon::reactor::Reactor;
use crampon::trial::{Heard, Trial, Visit, World};
use crampon_tests::Request;

/// Hears the news.
#[action(transport = websocket | sse | long_polling, subscribe = "news")]
struct Viewer;

#[callbacks]
impl Viewer {}

/// Says hello.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[before_start]
    fn is_named(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        cx.param_or("name", String::new()).map(drop)
    }

    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.finish();
    }
}

/// Begins a restart.
#[action(transport = regular)]
struct Restart;

#[callbacks]
impl Restart {
    #[on_start]
    fn restart(&mut self, cx: &mut Context<Self>) {
        cx.drain(Drain::Restarting);
        cx.render("see you");
        cx.finish();
    }
}

fn routes() -> Routes {
    Routes::new()
        .at("/news", || Viewer)
        .at("/hello", || Hello)
        .post("/hello", || Hello)
        .post("/restart", || Restart)
}

fn world(set: impl FnOnce(&mut Limits)) -> World {
    World::with(routes(), |server| server.limits(set))
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// How many streams have ended by now.
fn ended(viewers: &mut [Trial]) -> usize {
    viewers.iter().filter(|viewer| viewer.wire().has_finished()).count()
}

#[test]
fn streams_end_at_a_pace_the_first_of_them_at_once() {
    for visit in [Visit::events("/news"), Visit::socket("/news"), Visit::get("/news")] {
        let world = world(|limits| limits.stop_streams_per_second = 100);
        let mut viewers: Vec<Trial> = (0..200).map(|_| world.visit(visit.clone())).collect();
        world.stop();
        assert_eq!(ended(&mut viewers), 10, "a tenth of a second's worth");
        world.advance(millis(500));
        assert_eq!(ended(&mut viewers), 60);
        world.publish("news", "who is still there hears on");
        world.advance(millis(1_500));
        assert_eq!(ended(&mut viewers), 200);
        assert!(world.is_over());
    }
}

#[test]
fn many_end_faster_than_the_pace_so_that_none_is_cut_at_the_deadline() {
    let world = world(|limits| {
        limits.stop_streams_per_second = 10;
        limits.stop_timeout = Duration::from_secs(8);
    });
    let mut viewers: Vec<Trial> = (0..1_000).map(|_| world.events("/news")).collect();
    world.stop();
    let mut before = 0;
    for _ in 0..4 {
        world.advance(Duration::from_secs(1));
        let by_now = ended(&mut viewers);
        let in_this_second = by_now - before;
        assert!((200..=275).contains(&in_this_second), "{in_this_second} ended in one second");
        before = by_now;
    }
    assert_eq!(before, 1_000, "half of the time for the stop is enough");
    assert!(world.is_over());
}

/// A world was as slow as the square of its viewers, since all listened whenever one was told
/// something.
#[test]
fn a_world_of_twenty_thousand_ends_as_one_of_a_few() {
    let world = world(|_| ());
    let mut viewers: Vec<Trial> = (0..20_000).map(|_| world.events("/news")).collect();
    world.publish("news", "the last");
    world.stop();
    world.advance(Duration::from_secs(4));
    assert_eq!(ended(&mut viewers), 20_000);
    for viewer in &mut viewers {
        viewer.expect_render("the last");
    }
    assert!(world.is_over());
}

#[test]
fn a_restart_is_told_by_its_own_code() {
    for (why, code, reason) in [
        (Drain::Stopping, 1001, "the server is stopping"),
        (Drain::Restarting, 1012, "the server is restarting"),
    ] {
        let world = world(|_| ());
        let mut socket = world.socket("/news");
        world.drain(why);
        socket.expect(Heard::Close { code: Some(code), reason: reason.to_owned() });
        assert!(world.is_over());
    }
}

#[test]
fn an_action_may_begin_it() {
    let world = world(|_| ());
    let mut socket = world.socket("/news");
    let mut restart = world.post("/restart", "");
    restart.expect_status(200).expect_render("see you");
    socket.expect_close(1012);
    assert!(world.is_over());
}

#[test]
fn a_second_drain_changes_nothing() {
    let world = world(|limits| limits.stop_delay = Duration::from_secs(1));
    let mut socket = world.socket("/news");
    world.drain(Drain::Restarting).drain(Drain::Stopping);
    world.advance(Duration::from_secs(1));
    socket.expect_close(1012);
}

#[test]
fn who_comes_before_the_delay_is_over_is_served_as_ever() {
    let world = world(|limits| limits.stop_delay = Duration::from_secs(5));
    let mut socket = world.socket("/news");
    world.stop();
    world.advance(millis(4_900));
    let mut late = world.get("/hello");
    late.expect_status(200).expect_render("hello").expect_end();
    assert_eq!(late.header("connection"), None, "it may ask again");
    late.again(Visit::get("/hello")).expect_render("hello").expect_end();
    socket.expect_nothing();
    world.advance(millis(100));
    socket.expect_close(1001);
    assert!(world.is_over());
}

#[test]
fn a_connection_that_has_just_been_made_is_given_a_moment_for_its_request() {
    let world = world(|_| ());
    let (mut fast, mut slow, mut silent) = (world.connect(), world.connect(), world.connect());
    slow.send_bytes(b"GET /hello HT");
    world.stop();
    fast.advance(millis(900)).send_bytes(&Request::get("/hello").bytes());
    fast.expect_status(200).expect_header("connection", "close");
    fast.expect_render("hello").expect_end();
    slow.send_bytes(b"TP/1.1\r\nhost: a\r\n\r\n");
    slow.expect_status(200).expect_header("connection", "close");
    assert!(!silent.wire().is_closed());
    silent.advance(millis(100)).expect(Heard::Cut);
    assert!(silent.wire().is_closed() && world.is_over());
}

#[test]
fn a_stream_that_begins_while_the_server_stops_ends_at_once() {
    let world = world(|_| ());
    let [mut events, mut socket, mut poll] = [(); 3].map(|()| world.connect());
    world.stop();
    events.send_bytes(&Request::get("/news").header("accept", "text/event-stream").bytes());
    socket.send_bytes(&Request::upgrade("/news", &[]).bytes());
    poll.send_bytes(&Request::get("/news").bytes());
    assert!(matches!(events.heard()[..], [Heard::Retry(_), Heard::End]));
    socket.expect_status(101).expect_close(1001);
    poll.expect_status(204).expect_end();
    assert!(world.is_over());
}

#[test]
fn half_a_request_is_answered_and_not_cut() {
    let form = "POST /hello HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\nname";
    for half in ["GET /hel", form] {
        let world = world(|_| ());
        let mut viewer = world.connect();
        viewer.send_bytes(half.as_bytes());
        world.stop();
        viewer.advance(millis(999)).expect_nothing();
        viewer.advance(millis(1)).expect_status(408).expect_header("connection", "close");
        viewer.advance(Duration::from_secs(2));
        assert!(world.is_over(), "{half:?}");
    }
}

#[test]
fn a_request_that_is_there_when_the_server_stops_is_answered() {
    let world = world(|_| ());
    let mut viewer = world.get("/hello");
    viewer.expect_render("hello").expect_end();
    viewer.wire().send(&Request::get("/hello").bytes());
    world.stop();
    viewer.listen_again();
    world.advance(Duration::ZERO);
    viewer.expect_render("hello").expect_end();
    assert!(world.is_over());
}

#[test]
fn an_idle_connection_is_closed_at_once() {
    let world = world(|_| ());
    let mut viewer = world.get("/hello");
    viewer.expect_render("hello").expect_end();
    world.stop();
    assert!(viewer.wire().is_closed() && world.is_over());
}

/// Has a last word for all.
#[service]
struct Host;

#[callbacks]
impl Host {
    #[on_stop]
    fn warn(&mut self, cx: &mut Context<Self>) {
        cx.publish("news", Event::new("back in a moment").named("notice"));
    }
}

/// Has one for its own viewer.
#[action(transport = websocket | sse, subscribe = "news")]
struct Courteous;

#[callbacks]
impl Courteous {
    #[on_stop]
    fn say_so(&mut self, cx: &mut Context<Self>) {
        cx.render(Event::new("until then").named("notice"));
        if cx.transport() == Transport::Websocket {
            cx.close(4000, "see you there");
        }
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        cx.publish("left", cx.transport().to_string());
    }
}

#[test]
fn who_hears_of_the_stop_has_the_last_word_before_streams_end() {
    let routes = Routes::new().at("/", || Courteous);
    let world = World::with(routes, |server| server.service(Host));
    let (mut events, mut socket) = (world.events("/"), world.socket("/"));
    world.stop();
    events.expect_event("notice", "back in a moment").expect_event("notice", "until then");
    assert!(matches!(events.heard()[..], [Heard::Retry(_), Heard::End]));
    events.expect_finish(FinishReason::ServerStopping);
    socket.expect_render("back in a moment").expect_render("until then").expect_close(4000);
    socket.expect_finish(FinishReason::Finished);
}

/// Takes its time, unless the server stops.
#[action(transport = regular)]
struct Report;

#[callbacks]
impl Report {
    #[on_stop]
    fn cut_short(&mut self, cx: &mut Context<Self>) {
        cx.render("half of it");
        cx.finish();
    }
}

#[test]
fn an_answer_that_takes_long_may_be_cut_short_by_its_action() {
    let world = World::new(Routes::new().at("/", || Report));
    let mut viewer = world.get("/");
    viewer.advance(Duration::from_secs(5)).expect_nothing();
    world.stop();
    viewer.expect_status(200).expect_render("half of it").expect_end();
    assert!(world.is_over());
}

#[test]
fn a_stop_is_heard_by_a_loop_that_is_too_far_behind_to_hear_anything_else() {
    let (mut reactor, simulation) = Reactor::simulated(1);
    let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
    let server = Server::on(listener).attach(&mut reactor, routes()).expect("it can be served");
    let behind = std::iter::repeat_with(|| server.measure(drop)).find_map(Result::err);
    assert!(behind.is_some_and(|error| error.to_string().contains("behind")));
    for _ in 0..3 {
        server.drain(Drain::Stopping).expect("it runs");
    }
    assert!(server.measure(drop).is_err(), "there is still no room for others");
    reactor.advance(Duration::ZERO).expect("the loop comes to rest");
    assert!(server.stop().is_err(), "it is over");
}
