//! The memory budget: the past gives way first, then who reads least, and who reads is not
//! disturbed.

use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::protocol::websocket::deflate::{Deflater, Direction, WindowBits};
use crampon::trial::{Heard, Trial, Visit, World};
use crampon_tests::{Diary, Host, Log, Pen, Socket, diary};

/// Closes slow readers, but outboxes are large here.
const FEED: Channel = Channel::new("feed");

/// Keeps more than memory allows.
const NEWS: Channel = Channel::new("news").history(10_000).history_for(Duration::from_secs(60));

/// Drops what waits too long.
const DROPPING: Channel = Channel::new("dropping").overflow(Overflow::DropOldest);

const PRICES: Channel = Channel::new("prices").history(10_000).overflow(Overflow::Latest);

/// Subscribes to what its path says.
#[action(transport = websocket | sse)]
struct Reader {
    channel: Channel,
}

#[callbacks]
impl Reader {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(&self.channel);
    }
}

const KIB: usize = 1024;

fn house() -> World {
    let routes = Routes::new()
        .at("/feed", || Reader { channel: FEED })
        .at("/news", || Reader { channel: NEWS })
        .at("/prices", || Reader { channel: PRICES })
        .at("/tome", || Tome);
    World::with(routes, |server| {
        server.limits(|limits| {
            limits.memory_soft_bytes = 512 * KIB;
            limits.memory_hard_bytes = 1024 * KIB;
            limits.outbox_bytes_max = usize::MAX;
            limits.write_timeout = Duration::from_secs(3600);
        })
    })
}

/// A text of so many KiB that begins with its number.
fn numbered(number: usize, kib: usize) -> String {
    format!("{number:0>8}{:x>rest$}", "", rest = kib * KIB - 8)
}

/// A viewer who reads nothing from now on.
fn stalled(world: &World, target: &str) -> Trial {
    let viewer = world.events(target);
    viewer.wire().set_window(Some(0));
    viewer
}

fn count(log: &Log, text: &str) -> usize {
    log.text().matches(text).count()
}

#[test]
fn the_reader_with_the_most_waiting_is_closed_and_the_others_hear_everything() {
    let log = Log::default();
    let _guard = log.install();
    let world = house();
    let mut keen = world.socket("/feed");
    let mut worst = stalled(&world, "/feed");
    for number in 0..30 {
        world.publish(FEED, numbered(number, 8));
    }
    let mut slow = stalled(&world, "/feed");
    worst.expect_no_finish();
    for number in 30..85 {
        world.publish(FEED, numbered(number, 8));
    }
    for number in 0..85 {
        keen.expect_render(&numbered(number, 8));
    }
    worst.expect_finish(FinishReason::Overflowed);
    worst.wire().set_window(None);
    world.advance(Duration::ZERO);
    let told = worst.heard();
    let is_told =
        |heard: &Heard| matches!(heard, Heard::Event { name, .. } if name == "crampon.close");
    assert!(told.iter().any(is_told), "it is told why as soon as it reads: {told:?}");
    slow.expect_no_finish();
    slow.wire().set_window(None);
    world.advance(Duration::ZERO);
    for number in 30..85 {
        slow.expect_event("message", &numbered(number, 8));
    }
    assert_eq!(count(&log, "over its hard line"), 1, "{}", log.text());
    assert_eq!(count(&log, "over its soft line"), 1);
    assert_eq!(count(&log, "under its soft line again"), 1);
}

/// One long answer.
#[action(transport = regular)]
struct Tome;

#[callbacks]
impl Tome {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render(vec![7; 600 * KIB]);
        cx.finish();
    }
}

#[test]
fn answers_nobody_takes_are_cut_though_their_actions_have_finished() {
    let world = house();
    let visit = || {
        let viewer = world.connect();
        viewer.wire().set_window(Some(100));
        viewer.send_bytes(b"GET /tome HTTP/1.1\r\nHost: trial.test\r\n\r\n");
        viewer
    };
    let first = visit();
    assert!(!first.wire().is_closed(), "one fits");
    let second = visit();
    let closed = [&first, &second].map(|viewer| viewer.wire().is_closed());
    assert!(closed[0] != closed[1], "for two there is no room: {closed:?}");
    world.get("/tome").expect_status(200);
}

#[test]
fn the_past_is_trimmed_and_who_comes_back_to_what_went_is_told() {
    let log = Log::default();
    let _guard = log.install();
    let world = house();
    let mut reader = world.events("/news");
    world.publish(NEWS, numbered(0, 4));
    let Some(Heard::Event { id: cursor, .. }) = reader.heard().pop() else {
        panic!("an event was published")
    };
    reader.hang_up();
    for number in 1..=500 {
        world.publish(NEWS, numbered(number, 4));
    }
    assert_eq!(count(&log, "over its soft line"), 1, "not again with each event");
    assert_eq!(count(&log, "over its hard line"), 0);
    let mut reader = world.events(&format!("/news?last-event-id={cursor}"));
    let gap = format!(r#"{{"reason":"expired","after":"{cursor}"}}"#);
    reader.expect_event("crampon.gap", &gap);
    let kept = reader.heard();
    assert!((90..128).contains(&kept.len()), "{} of 4 KiB are kept", kept.len());
    for (heard, number) in kept.iter().rev().zip((1..=500).rev()) {
        assert_eq!(heard.rendered(), Some(numbered(number, 4)), "the newest");
    }
    world.advance(Duration::from_secs(70));
    assert_eq!(count(&log, "under its soft line again"), 1, "{}", log.text());
}

#[test]
fn a_conflating_channel_keeps_the_newest_of_each_key_for_who_comes_back() {
    let world = house();
    let mut reader = world.events("/prices");
    let price = |number: usize| Event::new(numbered(number, 4)).key(format!("key {}", number % 3));
    world.publish(PRICES, price(0));
    let Some(Heard::Event { id: cursor, .. }) = reader.heard().pop() else {
        panic!("an event was published")
    };
    reader.hang_up();
    world.publish(PRICES, Event::new("rare").key("a fourth"));
    for number in 1..=500 {
        world.publish(PRICES, price(number));
    }
    let mut reader = world.events(&format!("/prices?last-event-id={cursor}"));
    reader.expect_event("message", "rare");
    let kept = reader.heard();
    assert!(kept.len() < 128, "{} of 4 KiB are kept", kept.len());
    let newest: Vec<_> = kept.iter().rev().take(3).rev().map(Heard::rendered).collect();
    assert_eq!(newest, [498, 499, 500].map(|number| Some(numbered(number, 4))));
}

#[test]
fn nothing_is_counted_any_more_when_nothing_is_held() {
    let log = Log::default();
    let _guard = log.install();
    let routes = Routes::new().at("/feed", || Reader { channel: DROPPING }).at("/tome", || Tome);
    let world = World::with(routes, |server| {
        // With this line the strain is over when no byte is held.
        server.limits(|limits| limits.memory_soft_bytes = 1)
    });
    let mut readers: Vec<_> = (0..5).map(|_| stalled(&world, "/feed")).collect();
    readers.push(world.socket("/feed"));
    readers[5].wire().set_window(Some(5000));
    readers[4].wire().set_window(Some(3000));
    let tome = world.connect();
    tome.wire().set_window(Some(100));
    tome.send_bytes(b"GET /tome HTTP/1.1\r\nHost: trial.test\r\n\r\n");
    for number in 0..300 {
        world.publish(DROPPING, numbered(number, 8));
    }
    readers[5].ping(b"still there?");
    assert_eq!(count(&log, "under its soft line again"), 0);
    readers[0].hang_up();
    readers[1].wire().reset();
    readers[2].wire().set_window(None);
    readers[3].wire().set_window(Some(100_000));
    world.advance(Duration::from_secs(1));
    readers[3].hang_up();
    readers[4].wire().set_window(None);
    readers[5].wire().set_window(None);
    world.advance(Duration::from_secs(1));
    assert_eq!(count(&log, "under its soft line again"), 0, "the long answer is still held");
    tome.wire().reset();
    for reader in [2, 4, 5] {
        readers[reader].hang_up();
    }
    world.advance(Duration::from_secs(1));
    assert_eq!(count(&log, "under its soft line again"), 1, "{}", log.text());
}

#[test]
fn a_crowd_that_does_not_read_is_closed_as_far_as_it_must_be_and_no_further() {
    let (host, diary) = crowd_host();
    let mut reader = host.open("/");
    assert_eq!(diary.next(), "began");
    let stopped: Vec<Socket> = (0..20)
        .map(|_| {
            let socket = Socket::open(host.connect_narrow(), "/");
            assert_eq!(diary.next(), "began");
            socket
        })
        .collect();
    let mut overflowed = 0;
    for number in 0..400 {
        let text = numbered(number, 64);
        host.publish("feed", &*text);
        assert_eq!(reader.text(), text, "who reads hears everything");
        overflowed += std::iter::from_fn(|| diary.glance())
            .inspect(|reason| assert_eq!(reason, "overflowed"))
            .count();
    }
    assert!(overflowed > 0, "26 MB were said to each of those who do not read");
    for line in host.log().lines().filter(|line| line.contains("hard line")) {
        let held = line.split("held=").nth(1).and_then(|rest| rest.split(' ').next());
        let held: usize = held.and_then(|held| held.parse().ok()).expect("it says how much");
        assert!(held < 4096 * KIB + 512 * KIB, "never much over the line: {line}");
    }
    drop(stopped);
}

/// Hears the feed, and writes down how it went.
#[action(transport = websocket)]
struct Witness {
    pen: Pen,
}

#[callbacks]
impl Witness {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("feed");
        self.pen.write("began");
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(cx.finish_reason());
    }
}

fn crowd_host() -> (Host, Diary) {
    let (pen, diary) = diary();
    let set_up = |server: Server| {
        server.limits(|limits| {
            limits.memory_soft_bytes = 2048 * KIB;
            limits.memory_hard_bytes = 4096 * KIB;
            limits.outbox_bytes_max = usize::MAX;
        })
    };
    let host = Host::serve_with(set_up, move || {
        Routes::new().at("/", move || Witness { pen: pen.clone() })
    });
    (host, diary)
}

/// Says back what it hears and what is said to all, compressed by a context of its own.
#[action(transport = websocket, deflate = dedicated, deflate_bytes_min = 0)]
struct Dense;

#[callbacks]
impl Dense {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(FEED);
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}

/// What a context of ours takes.
const CONTEXT: usize = Deflater::bytes_held(WindowBits::MAX);

/// A house whose soft line leaves room for three contexts, for a fourth at the line itself.
fn dense_house() -> World {
    let routes = Routes::new().at("/dense", || Dense).at("/news", || Reader { channel: NEWS });
    World::with(routes, |server| {
        server.limits(|limits| {
            limits.memory_soft_bytes = CONTEXT * 9 / 2;
            limits.memory_hard_bytes = CONTEXT * 6;
        })
    })
}

fn dense(world: &World) -> Trial {
    let offer = ("sec-websocket-extensions", "permessage-deflate");
    world.visit(Visit::socket("/dense").header(offer.0, offer.1))
}

/// Whether a socket was told that each of our messages stands by itself.
fn stand_alone(socket: &Trial) -> bool {
    let agreed = socket.header("sec-websocket-extensions").expect("compression was agreed");
    agreed.contains("server_no_context_takeover") && agreed.contains("client_no_context_takeover")
}

#[test]
fn contexts_are_in_the_budget_and_made_only_while_there_is_room() {
    let world = dense_house();
    let mut sockets: Vec<Trial> = (0..6).map(|_| dense(&world)).collect();
    assert!(!sockets.iter().any(stand_alone), "a context is made when something is said");
    let before = world.gauges().held_bytes;
    for number in 0..3 {
        world.publish(FEED, numbered(number, 1));
        for socket in &mut sockets {
            socket.expect_render(&numbered(number, 1));
            socket.send("and on").expect_render("and on");
        }
        let held = world.gauges().held_bytes - before;
        assert!((CONTEXT * 3..CONTEXT * 13 / 4).contains(&held), "{held} bytes");
    }
    assert!(stand_alone(&dense(&world)), "there is no room for one who comes now");
    for socket in &mut sockets {
        socket.hang_up();
    }
    let held = world.gauges().held_bytes;
    assert!(held <= before, "{held} bytes are left of {before}");
    assert!(!stand_alone(&dense(&world)), "there is room again");
}

#[test]
fn contexts_give_way_before_the_past_and_nothing_that_is_said_is_lost() {
    let world = dense_house();
    let mut sockets: Vec<Trial> = (0..3).map(|_| dense(&world)).collect();
    world.publish(FEED, numbered(0, 1));
    let _reader = world.socket("/news");
    // Each event is held twice, as it was said and as it is sent: three contexts in all.
    let past_kib = CONTEXT * 3 / 2 / KIB;
    for number in 0..past_kib / 8 {
        world.publish(NEWS, numbered(number, 8));
    }
    let gauges = world.gauges();
    assert!(gauges.held_bytes <= CONTEXT * 9 / 2, "{} bytes", gauges.held_bytes);
    assert!(gauges.history_bytes >= past_kib / 8 * 8 * KIB, "{} bytes", gauges.history_bytes);
    world.publish(FEED, numbered(1, 1));
    for socket in &mut sockets {
        socket.expect_render(&numbered(0, 1)).expect_render(&numbered(1, 1));
        socket.send("and on").expect_render("and on");
    }
}

#[test]
fn what_clients_may_point_back_to_is_in_the_budget_and_the_hard_line_closes_who_has_it() {
    let world = dense_house();
    let direction = Direction { takes_over: true, window_bits: WindowBits::MAX };
    let mut sockets: Vec<Trial> = (0..80).map(|_| dense(&world)).collect();
    let mut modest = world.socket("/dense");
    let before = world.gauges().held_bytes;
    for (number, socket) in sockets.iter_mut().enumerate() {
        let mut message = Vec::new();
        let text = numbered(number, 32);
        Deflater::new(direction).encode_masked(&mut message, [7; 4], true, text.as_bytes());
        socket.send_bytes(&message);
        socket.expect_render(&text);
        let held = world.gauges().held_bytes - before;
        let least = (32 * (number + 1) * KIB).min(CONTEXT * 5);
        assert!((least..=CONTEXT * 6).contains(&held), "{held} bytes after {number}");
    }
    assert!(sockets.iter_mut().any(|socket| !socket.heard().is_empty()), "somebody was closed");
    modest.send("still here").expect_render("still here").expect_no_finish();
}
