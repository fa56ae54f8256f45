//! Readers that stop, and peers that fall silent: what they cost is bounded, and only they pay.

use std::time::{Duration, Instant};

use crampon::action::{Action, Declaration};
use crampon::prelude::*;
use crampon::protocol::websocket::{Opcode, masked};
use crampon::reactor::Reactor;
use crampon::transport::Transport;
use crampon::trial::{Heard, World};
use crampon_tests::{Browser, Diary, Frame, Host, PATIENCE, Pen, Socket, declared, diary, opening};

/// Passes the room's messages on; answers `flood` with more than anybody's buffers hold.
struct Feed<const WIRE: usize> {
    pen: Pen,
}

impl<const WIRE: usize> Action for Feed<WIRE> {
    const DECLARATION: Declaration = declared("Feed", WIRE);
}

#[callbacks]
impl<const WIRE: usize> Feed<WIRE> {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        self.pen.write("began");
    }

    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, _text: &str) {
        for number in 0..FLOOD_MESSAGES {
            cx.render(numbered(number));
        }
        self.pen.write("flooded");
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(cx.finish_reason());
    }
}

/// 32 MiB: more than the system keeps for two ends of a connection.
const FLOOD_MESSAGES: usize = 512;

/// A message of 64 KiB that begins with its number.
fn numbered(number: usize) -> String {
    format!("{number:0>8}{:x>65528}", "")
}

fn host(set: fn(&mut Limits)) -> (Host, Diary) {
    let (pen, diary) = diary();
    let host = Host::serve_with(
        move |server| server.limits(set),
        move || {
            let [chunked, sse, websocket] = [(); 3].map(|()| pen.clone());
            Routes::new()
                .at("/chunked", move || Feed::<1> { pen: chunked.clone() })
                .at("/sse", move || Feed::<2> { pen: sse.clone() })
                .at("/websocket", move || Feed::<4> { pen: websocket.clone() })
        },
    );
    (host, diary)
}

/// A reader that is subscribed, and its head read.
fn arrive(mut browser: Browser, diary: &Diary, transport: Transport) -> Browser {
    browser.send(opening(transport));
    browser.head();
    assert_eq!(diary.next(), "began");
    browser
}

const STREAMS: [Transport; 3] = [Transport::Chunked, Transport::Sse, Transport::Websocket];

#[test]
fn a_reader_that_stops_is_ended_as_overflowed_and_the_others_get_everything() {
    for transport in STREAMS {
        let (host, diary) = host(|_| ());
        let stopped = arrive(host.connect_narrow(), &diary, transport);
        let mut others = STREAMS.map(|transport| arrive(host.connect(), &diary, transport));
        let is_ended = (0..1000).any(|number| {
            let text = numbered(number);
            host.publish("room", &*text);
            for browser in &mut others {
                browser.take_until(&text);
            }
            diary.glance().is_some_and(|reason| reason == "overflowed")
        });
        assert!(is_ended, "{transport}: the outbox has its limit");
        drop(stopped);
        drop(others);
        assert_eq!([(); 3].map(|()| diary.next()), ["disconnected"; 3], "{transport}");
        host.close();
        assert!(diary.rest().is_empty(), "each said goodbye once");
    }
}

#[test]
fn one_message_may_cross_the_limit_of_the_outbox() {
    let (host, diary) = host(|limits| limits.outbox_bytes_max = 1024);
    let mut socket = Socket::open(host.connect_narrow(), "/websocket");
    assert_eq!(diary.next(), "began");
    socket.say("flood");
    assert_eq!(diary.next(), "flooded");
    for number in 0..FLOOD_MESSAGES {
        assert!(socket.text().starts_with(&format!("{number:0>8}")), "{number}");
    }
    drop(socket);
    assert_eq!(diary.next(), "disconnected");
}

#[test]
fn a_reader_that_takes_nothing_for_too_long_is_ended_as_timed_out() {
    for transport in STREAMS {
        let (host, diary) = host(|limits| {
            limits.write_timeout = Duration::from_millis(200);
            limits.outbox_bytes_max = usize::MAX;
            // What would keep it alive does not count as taken.
            limits.sse_keep_alive = Duration::from_millis(20);
            limits.websocket_keep_alive = Duration::from_millis(20);
        });
        let mut browser = arrive(host.connect_narrow(), &diary, transport);
        for number in 0..FLOOD_MESSAGES {
            host.publish("room", numbered(number));
        }
        assert_eq!(diary.next(), "timed out", "{transport}");
        assert!(browser.take_all().len() < FLOOD_MESSAGES << 16, "the rest is not sent");
    }
}

/// One long answer.
#[action(transport = regular)]
struct Tome {
    pen: Pen,
}

#[callbacks]
impl Tome {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render(vec![7; FLOOD_MESSAGES << 16]);
        cx.finish();
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(cx.finish_reason());
    }
}

/// Has nothing to say, and takes 50 ms for it.
#[action(transport = long_polling, poll_timeout = "50ms")]
struct Wait;

#[callbacks]
impl Wait {}

#[test]
fn an_answer_nobody_takes_is_cut_though_its_action_has_finished() {
    let (pen, diary) = diary();
    let set_up =
        |server: Server| server.limits(|limits| limits.write_timeout = Duration::from_millis(500));
    let host = Host::serve_with(set_up, move || {
        Routes::new().at("/", move || Tome { pen: pen.clone() }).at("/wait", || Wait)
    });
    assert_eq!(host.get("/").body.len(), FLOOD_MESSAGES << 16, "to who reads it is whole");
    assert_eq!(diary.next(), "finished");
    let mut browser = host.connect_narrow();
    browser.get("/");
    assert_eq!(diary.next(), "finished", "the last bytes linger without the action");
    // Ten answers to others, of 50 ms each, and the deadline has passed.
    for _ in 0..11 {
        assert_eq!(host.get("/wait").status(), 204);
    }
    assert!(browser.take_all().len() < FLOOD_MESSAGES << 16);
}

#[test]
fn a_pong_is_not_stuck_behind_what_waits() {
    let (host, diary) = host(|limits| limits.outbox_bytes_max = usize::MAX);
    let mut socket = Socket::open(host.connect_narrow(), "/websocket");
    assert_eq!(diary.next(), "began");
    socket.say("flood");
    assert_eq!(diary.next(), "flooded");
    socket.frame(Opcode::Ping, true, b"still there?");
    let before = std::iter::from_fn(|| match socket.receive() {
        Frame::Text(_) => Some(()),
        Frame::Pong(bytes) => {
            assert_eq!(bytes, b"still there?");
            None
        }
        other => panic!("expected messages and a pong, got {other:?}"),
    });
    let before = before.count();
    assert!(before < FLOOD_MESSAGES, "it came before message {before}");
    for number in before..FLOOD_MESSAGES {
        assert!(socket.text().starts_with(&format!("{number:0>8}")), "every message is whole");
    }
}

#[test]
fn a_pong_is_not_stuck_behind_what_was_said_in_the_same_tick() {
    /// Says a hundred times 10,000 bytes at once.
    #[action(transport = websocket)]
    struct Flood;

    #[callbacks]
    impl Flood {
        #[on_data]
        fn told(&mut self, cx: &mut Context<Self>, _: &str) {
            for _ in 0..100 {
                cx.render("x".repeat(10_000));
            }
        }
    }

    let world = World::new(Routes::new().at("/", || Flood));
    let mut reader = world.socket("/");
    reader.advance(Duration::ZERO).wire().set_window(Some(15_000));
    let mut told = Vec::new();
    masked::encode_text(&mut told, [1, 2, 3, 4], "flood");
    masked::encode_ping(&mut told, [5, 6, 7, 8], b"there?");
    reader.send_bytes(&told);
    reader.advance(Duration::ZERO).wire().set_window(None);
    let heard = reader.advance(Duration::ZERO).heard();
    assert_eq!(heard.len(), 101);
    assert_eq!(heard[2], Heard::Pong(b"there?".to_vec()), "behind the message that was begun");
}

#[test]
fn a_silent_stream_carries_comments_and_one_that_speaks_does_not() {
    let (pen, _diary) = diary();
    let set_up =
        |server: Server| server.limits(|limits| limits.sse_keep_alive = Duration::from_millis(100));
    let host = Host::serve_with(set_up, move || {
        Routes::new()
            .at("/silent", move || Feed::<2> { pen: pen.clone() })
            .at("/talking", || Talking)
            .at("/chunked", || Spaced)
    });
    let mut silent = host.connect();
    silent.get("/silent");
    silent.head();
    let mut talking = host.connect();
    talking.get("/talking");
    talking.head();
    for _ in 0..3 {
        assert_eq!(silent.take_until("\n\n"), ":\n\n");
    }
    for number in 0..20 {
        assert_eq!(talking.take_until("\n\n"), format!("data: {number}\n\n"));
    }
    let mut spaced = host.connect();
    spaced.get("/chunked");
    spaced.head();
    for _ in 0..3 {
        assert_eq!(spaced.take_until("\r\n \r\n"), "1\r\n \r\n");
    }
}

/// Says something well within the keep-alive.
#[action(transport = sse)]
struct Talking;

#[callbacks]
impl Talking {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        let mut number = 0;
        cx.every(Duration::from_millis(10), move |_, cx| {
            cx.render(number.to_string());
            number += 1;
        });
    }
}

/// Asks for a keep-alive where there is none by default.
#[action(transport = chunked, keep_alive = "10ms")]
struct Spaced;

#[callbacks]
impl Spaced {}

#[test]
fn a_peer_that_answers_pings_stays_and_one_that_does_not_is_given_up() {
    let (host, diary) = host(|limits| {
        limits.websocket_keep_alive = Duration::from_millis(20);
        limits.pong_timeout = Duration::from_millis(200);
    });
    let mut alive = host.open("/websocket");
    let mut dead = host.open("/websocket");
    assert_eq!((diary.next(), diary.next()), ("began".into(), "began".into()));
    let began = Instant::now();
    let given_up = loop {
        assert!(began.elapsed() < PATIENCE, "the dead one is given up");
        assert_eq!(alive.receive(), Frame::Ping(Vec::new()));
        alive.frame(Opcode::Pong, true, b"");
        if let Some(reason) = diary.glance() {
            break reason;
        }
    };
    assert_eq!(given_up, "timed out");
    assert!(began.elapsed() >= Duration::from_millis(200));
    assert_eq!(dead.receive(), Frame::Ping(Vec::new()));
    drop(dead.browser().take_all());
    for _ in 0..5 {
        assert_eq!(alive.receive(), Frame::Ping(Vec::new()), "the other is still there");
        alive.frame(Opcode::Pong, true, b"");
    }
}

#[test]
fn a_peer_that_speaks_without_a_pong_stays() {
    let (host, diary) = host(|limits| {
        limits.websocket_keep_alive = Duration::from_millis(10);
        limits.pong_timeout = Duration::from_millis(50);
    });
    let mut socket = host.open("/websocket");
    assert_eq!(diary.next(), "began");
    let until = Instant::now() + Duration::from_millis(300);
    while Instant::now() < until {
        assert_eq!(socket.receive(), Frame::Ping(Vec::new()));
        socket.frame(Opcode::Ping, true, b"and you?");
        while socket.receive() == Frame::Ping(Vec::new()) {}
    }
    assert_eq!(diary.glance(), None);
}

/// Hears the room, and something else if it is so told; the room hears of it when it leaves.
#[action(transport = sse)]
struct Member {
    hears_more: bool,
}

#[callbacks]
impl Member {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        if self.hears_more {
            cx.subscribe("elsewhere");
        }
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        cx.publish("room", "one has left");
    }
}

/// How a member takes what it is sent.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    Ready,
    /// A few bytes at a time.
    Sips,
    /// It stops, resets or leaves.
    Fails,
}

#[test]
fn members_who_fail_as_a_room_is_written_to_cost_the_others_nothing() {
    for seed in 0..40 {
        let (mut reactor, simulation) = Reactor::simulated(seed);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let routes = Routes::new()
            .at("/one", || Member { hears_more: false })
            .at("/two", || Member { hears_more: true });
        let server = Server::on(listener).limits(|limits| limits.outbox_bytes_max = 300);
        let running = server.attach(&mut reactor, routes).expect("the routes can be served");
        let mut chance = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = |bound: u64| {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            chance % bound
        };
        let mut members = Vec::new();
        for _ in 0..50 {
            let peer = simulation.connect(address).expect("it listens");
            let path = if below(5) == 0 { "/two" } else { "/one" };
            peer.send(format!("GET {path} HTTP/1.1\r\nHost: t\r\n\r\n").as_bytes());
            members.push((peer, Reader::Ready));
        }
        reactor.advance(Duration::ZERO).expect("the loop comes to rest");
        for round in 0..12 {
            for (peer, reader) in members.iter_mut().filter(|it| it.1 == Reader::Ready) {
                *reader = match below(14) {
                    0 => {
                        peer.reset_after(below(30) as usize);
                        Reader::Fails
                    }
                    1 => {
                        peer.set_window(Some(below(40) as usize));
                        Reader::Fails
                    }
                    2 => {
                        peer.finish();
                        Reader::Fails
                    }
                    3 => {
                        peer.set_write_max(Some(1 + below(9) as usize));
                        Reader::Sips
                    }
                    _ => Reader::Ready,
                };
            }
            for message in 0..below(3) {
                running.publish("room", &*format!("{round}.{message}")).expect("it runs");
            }
            if below(3) == 0 {
                running.publish("elsewhere", "what few hear").expect("it runs");
            }
            if below(2) == 0 {
                reactor.advance(Duration::ZERO).expect("the loop comes to rest");
            }
        }
        reactor.advance(Duration::from_millis(1)).expect("the loop comes to rest");
        running.audit(&mut reactor, 1 << 20).expect("the books are right");
        let heard: Vec<String> = members
            .iter()
            .filter(|(_, reader)| *reader != Reader::Fails)
            .map(|(peer, _)| String::from_utf8(peer.receive()).expect("it is text"))
            .map(|told| {
                let lines = told.lines().filter(|line| line.starts_with("data: "));
                lines.filter(|line| !line.ends_with("what few hear")).collect()
            })
            .collect();
        assert!(heard.len() > 3, "seed {seed}: {} are left", heard.len());
        assert!(heard.iter().all(|it| *it == heard[0]), "seed {seed}: {heard:#?}");
    }
}
