//! Overflow: what becomes of a reader who takes less than is said, by the policy of the channel.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

const PATIENT: Channel = Channel::new("patient");
const OLDEST: Channel = Channel::new("oldest").overflow(Overflow::DropOldest);
const NEWEST: Channel = Channel::new("newest").overflow(Overflow::DropNewest);
const LATEST: Channel = Channel::new("latest").overflow(Overflow::Latest);
const KEPT_OLDEST: Channel =
    Channel::new("kept-oldest").history(1000).overflow(Overflow::DropOldest).event("kept");
const KEPT_LATEST: Channel = Channel::new("kept-latest").history(1000).overflow(Overflow::Latest);

/// Hears the channel its path names, by the policy it has.
#[action(transport = websocket | sse)]
struct Reader;

#[callbacks]
impl Reader {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match &*cx.param::<String>("channel")? {
            "patient" => cx.subscribe(PATIENT),
            "oldest" => cx.subscribe(OLDEST),
            "newest" => cx.subscribe(NEWEST),
            "latest" => cx.subscribe(LATEST),
            "kept-oldest" => cx.subscribe(KEPT_OLDEST),
            _ => cx.subscribe(KEPT_LATEST),
        }
        Ok(())
    }

    #[on_data]
    fn asked(&mut self, cx: &mut Context<Self>, _: &str) {
        cx.render(format!("{} drops, {} waits", cx.drops(), cx.backlog()));
    }

    #[on_drain]
    fn drained(&mut self, cx: &mut Context<Self>) {
        cx.render(format!("drained, {} waits", cx.backlog()));
    }
}

/// A house whose readers may leave two thousand bytes.
fn house() -> World {
    World::with(Routes::new().at("/{channel}", || Reader), |server| {
        server.limits(|limits| limits.outbox_bytes_max = 2000)
    })
}

/// A reader by WebSocket or events who has stopped to read.
fn slow(world: &World, channel: &str, is_socket: bool) -> Trial {
    let target = format!("/{channel}");
    let mut reader = if is_socket { world.socket(&target) } else { world.events(&target) };
    reader.heard();
    reader.wire().set_window(Some(0));
    reader
}

/// Lets it read again, and tells what it heard.
fn awaken(reader: &mut Trial) -> Vec<String> {
    reader.wire().set_window(None);
    reader.advance(Duration::ZERO);
    reader.heard().iter().filter_map(Heard::rendered).collect()
}

/// A text of a hundred bytes.
fn page(number: usize) -> String {
    format!("{number:0>100}")
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is a page"))
}

#[test]
fn a_patient_channel_closes_who_is_too_slow_and_tells_why() {
    for is_socket in [true, false] {
        let world = house();
        let mut reader = slow(&world, "patient", is_socket);
        for count in 0..40 {
            world.publish(PATIENT, page(count));
        }
        reader.expect_finish(FinishReason::Overflowed);
        reader.wire().set_window(None);
        reader.advance(Duration::ZERO);
        let heard = reader.heard();
        let why = heard.iter().find_map(|heard| match heard {
            Heard::Close { code: Some(1013), reason } => Some(reason.clone()),
            Heard::Event { name, data, .. } if name == "crampon.close" => Some(data.clone()),
            _ => None,
        });
        let why = why.unwrap_or_else(|| panic!("{heard:?}"));
        assert!(why.starts_with("too slow: "), "{why}");
    }
}

#[test]
fn who_is_too_slow_from_the_start_is_told_so_behind_a_head() {
    let world = house();
    let mut reader = world.connect();
    reader.wire().set_window(Some(0));
    reader.send_bytes(b"GET /patient HTTP/1.1\r\nhost: test\r\naccept: text/event-stream\r\n\r\n");
    for number in 0..100 {
        world.publish(PATIENT, page(number));
    }
    let told = awaken(&mut reader);
    assert!(told.iter().any(|told| told.starts_with("too slow")), "{told:?}");
}

#[test]
fn a_head_behind_a_long_answer_that_nobody_takes_is_not_cut_with_what_follows_it() {
    /// More than an unsigned 16-bit number counts.
    const ANSWER_BYTES: usize = 300_000;

    #[action(transport = regular)]
    struct Answer;

    #[callbacks]
    impl Answer {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            cx.render("a".repeat(ANSWER_BYTES));
            cx.finish();
        }
    }

    let world = World::new(Routes::new().get("/answer", || Answer).at("/in/{channel}", || Reader));
    let mut reader = world.connect();
    reader.wire().set_window(Some(1000));
    reader.send_bytes(b"GET /answer HTTP/1.1\r\nhost: test\r\n\r\n");
    reader
        .send_bytes(b"GET /in/patient HTTP/1.1\r\nhost: test\r\naccept: text/event-stream\r\n\r\n");
    for _ in 0..8 {
        world.publish(PATIENT, "b".repeat(200_000));
    }
    assert_eq!(awaken(&mut reader).concat().len(), ANSWER_BYTES);
    reader.listen_again().advance(Duration::ZERO);
    let told = awaken(&mut reader);
    reader.expect_status(200).expect_header("content-type", "text/event-stream; charset=utf-8");
    assert!(told.iter().any(|told| told.starts_with("too slow")), "{told:?}");
}

#[test]
fn who_comes_in_the_midst_of_a_flood_and_takes_it_is_not_slow() {
    /// Says more at once than an outbox holds.
    #[action(transport = websocket | sse)]
    struct Flood;

    #[callbacks]
    impl Flood {
        #[on_start]
        fn begin(&mut self, cx: &mut Context<Self>) {
            cx.subscribe(KEPT_OLDEST);
            for number in 0..100 {
                cx.publish(KEPT_OLDEST, page(number));
            }
        }
    }

    for is_socket in [true, false] {
        let world = World::with(Routes::new().at("/", || Flood), |server| {
            server.limits(|limits| limits.outbox_bytes_max = 2000)
        });
        let mut reader = if is_socket { world.socket("/") } else { world.events("/") };
        let heard = awaken(&mut reader);
        let pages: Vec<String> = (0..100).map(page).collect();
        assert_eq!(heard, pages);
    }
}

#[test]
fn who_is_less_than_its_outbox_behind_loses_nothing() {
    for channel in ["patient", "oldest", "newest"] {
        for is_socket in [true, false] {
            let world = house();
            let mut reader = slow(&world, channel, is_socket);
            for count in 0..14 {
                world.publish(channel, page(count));
            }
            let heard = awaken(&mut reader);
            let pages: Vec<usize> = heard[..14].iter().map(|text| number(text)).collect();
            assert_eq!(pages, (0..14).collect::<Vec<_>>(), "{channel}");
            assert_eq!(heard[14..], ["drained, 0 waits"]);
        }
    }
}

#[test]
fn the_oldest_gives_way_where_that_is_the_policy() {
    let world = house();
    let mut reader = slow(&world, "oldest", true);
    for count in 0..100 {
        world.publish("oldest", page(count));
    }
    let heard = awaken(&mut reader);
    let pages: Vec<usize> = heard[..heard.len() - 1].iter().map(|text| number(text)).collect();
    assert_eq!(pages[0], 0, "what is on the way already arrives");
    assert_eq!(pages.last(), Some(&99));
    assert!(pages.len() < 20 && pages[1..].windows(2).all(|pair| pair[1] == pair[0] + 1));
    let drops = format!("{} drops, 0 waits", 100 - pages.len());
    reader.send("?").expect_render(&drops);
}

#[test]
fn the_newest_is_dropped_where_that_is_the_policy() {
    let world = house();
    let mut reader = slow(&world, "newest", true);
    for count in 0..100 {
        world.publish("newest", page(count));
    }
    let heard = awaken(&mut reader);
    let pages: Vec<usize> = heard[..heard.len() - 1].iter().map(|text| number(text)).collect();
    assert!(pages.len() < 20 && pages == (0..pages.len()).collect::<Vec<_>>(), "{pages:?}");
    world.publish("newest", page(100));
    reader.expect_render(&page(100));
}

#[test]
fn an_action_sees_how_much_waits_for_its_viewer() {
    let world = house();
    let mut reader = slow(&world, "patient", true);
    let mut waited = 0;
    for count in 0..5 {
        world.publish("patient", page(count));
        reader.send("?");
    }
    let heard = awaken(&mut reader);
    let counts = heard.iter().filter_map(|text| text.strip_prefix("0 drops, "));
    let counts = counts.filter_map(|text| text.strip_suffix(" waits"));
    for waits in counts.map(number) {
        assert!(waits >= waited + 100, "a page more than {waited} bytes wait: {waits}");
        waited = waits;
    }
    assert!((500..2000).contains(&waited), "{waited} bytes waited");
    assert_eq!(heard.last().map(String::as_str), Some("drained, 0 waits"));
}

#[test]
fn only_the_newest_of_each_key_waits_where_only_that_counts() {
    let world = house();
    let mut reader = slow(&world, "latest", false);
    for count in 0..100 {
        let key = ["a", "b", "c"][count % 3];
        world.publish("latest", Event::new(format!("{key}{count}")).key(key));
    }
    let heard = awaken(&mut reader);
    assert_eq!(heard, ["a0", "b97", "c98", "a99", "drained, 0 waits"]);
}

#[test]
fn what_is_dropped_is_told_where_events_have_cursors() {
    let world = house();
    let mut reader = slow(&world, "kept-oldest", false);
    for count in 0..100 {
        world.publish(KEPT_OLDEST, page(count));
    }
    reader.wire().set_window(None);
    reader.advance(Duration::ZERO);
    let heard = reader.heard();
    let pages =
        heard.iter().filter(|heard| matches!(heard, Heard::Event { name, .. } if name == "kept"));
    let dropped = 100 - pages.count();
    let Some(Heard::Event { name, data, .. }) = heard.get(1) else { panic!("{heard:?}") };
    assert_eq!(name, "crampon.gap");
    assert_eq!(*data, format!(r#"{{"reason":"dropped","dropped":{dropped}}}"#));
}

#[test]
fn the_ids_of_a_conflated_stream_only_grow() {
    let world = house();
    let mut reader = slow(&world, "kept-latest", false);
    for count in 0..100 {
        let key = ["a", "b", "c"][count % 3];
        world.publish(KEPT_LATEST, Event::new(format!("{key}{count}")).key(key));
    }
    reader.wire().set_window(None);
    reader.advance(Duration::ZERO);
    let mut ids = Vec::new();
    for heard in reader.heard() {
        if let Heard::Event { id, name, .. } = heard
            && name == "message"
        {
            let (_, offset) = id.rsplit_once('-').unwrap_or_else(|| panic!("`{id}` is a cursor"));
            ids.push(offset.parse::<u64>().expect("an offset"));
        }
    }
    assert!(ids.len() >= 4 && ids.windows(2).all(|pair| pair[0] <= pair[1]), "{ids:?}");
}

#[test]
fn a_ping_is_answered_and_a_keep_alive_sent_though_the_outbox_is_full() {
    let world = house();
    let mut reader = slow(&world, "newest", true);
    for count in 0..100 {
        world.publish("newest", page(count));
    }
    let mut ping = Vec::new();
    crampon::protocol::websocket::masked::encode_ping(&mut ping, [1, 2, 3, 4], b"there?");
    reader.wire().send(&ping);
    reader.advance(Duration::ZERO);
    reader.wire().set_window(None);
    reader.advance(Duration::ZERO);
    let heard = reader.heard();
    let pong = heard.iter().position(|heard| *heard == Heard::Pong(b"there?".to_vec()));
    assert!(pong.is_some_and(|at| at <= 1), "{heard:?}");
}

#[test]
fn an_event_that_is_too_long_is_refused_to_who_publishes_it() {
    #[action(transport = websocket)]
    struct Speaker;

    #[callbacks]
    impl Speaker {
        #[on_data]
        fn say(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.publish(PATIENT, text);
        }
    }

    let world =
        World::with(Routes::new().at("/", || Speaker).at("/{channel}", || Reader), |server| {
            server.limits(|limits| limits.event_bytes_max = 10)
        });
    let mut reader = world.visit(Visit::socket("/patient"));
    let mut speaker = world.socket("/");
    speaker.send("ten bytes!");
    reader.expect_render("ten bytes!");
    speaker.send("eleven byte").expect_close(1011);
    reader.expect_nothing();
}

/// Hears two channels until it is told to leave one.
#[action(transport = websocket)]
struct Listener;

#[callbacks]
impl Listener {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(OLDEST);
        cx.subscribe(LATEST);
    }

    #[on_data]
    fn asked(&mut self, cx: &mut Context<Self>, channel: &str) {
        match channel {
            "latest" => cx.unsubscribe(LATEST),
            _ => cx.unsubscribe(OLDEST),
        }
    }
}

#[test]
fn what_waits_of_a_channel_goes_with_it_and_what_waits_of_others_stays() {
    let rests = [("latest", ["taken", "0", "1", "more"]), ("oldest", ["taken", "a2", "b", "more"])];
    for (left, rest) in rests {
        let world = World::new(Routes::new().at("/", || Listener));
        let mut reader = slow(&world, "", true);
        world.publish(OLDEST, "taken");
        world.publish(OLDEST, "0").publish(LATEST, Event::new("a").key("a"));
        world.publish(OLDEST, "1").publish(LATEST, Event::new("a2").key("a"));
        world.publish(LATEST, Event::new("b").key("b"));
        reader.send(left);
        world.publish(OLDEST, if left == "latest" { "more" } else { "unheard" });
        world.publish(LATEST, if left == "latest" { "unheard" } else { "more" });
        assert_eq!(awaken(&mut reader), rest, "without {left}");
    }
}
