//! Replaying: what a newcomer without a cursor gets of the past.

use super::*;

/// Hears the news, the past of which it asks for by its path.
#[action(transport = websocket | sse | long_polling)]
struct Newcomer;

#[callbacks]
impl Newcomer {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let replay = match &*cx.param::<String>("replay")? {
            "none" => Replay::None,
            "all" => Replay::All,
            "latest" => Replay::LatestPerKey,
            _ => Replay::Last(cx.param("replay")?),
        };
        cx.subscribe(NEWS.replay(replay));
        Ok(())
    }
}

fn replayed(way: Way, replay: &str) -> Vec<String> {
    let world = World::new(Routes::new().at("/{replay}", || Newcomer));
    for (number, key) in ["a", "b", "a", "c", "b"].into_iter().enumerate() {
        world.publish(NEWS, Event::new(format!("{key}{number}")).key(key));
    }
    let (mut cursor, mut said) = (String::new(), Vec::new());
    let mut newcomer = world.visit(way.visit(&format!("/{replay}"), ""));
    said.extend(heard(&mut newcomer, &mut cursor));
    if way == Way::Poll && !said.is_empty() {
        newcomer = world.visit(way.visit(&format!("/{replay}"), &cursor));
    }
    world.publish(NEWS, "live");
    said.extend(heard(&mut newcomer, &mut cursor));
    said.into_iter().map(|said| said.data).collect()
}

#[test]
fn a_newcomer_gets_of_the_past_what_the_subscription_says() {
    for way in WAYS {
        for (replay, past) in [
            ("none", &[][..]),
            ("0", &[]),
            ("1", &["b4"]),
            ("3", &["a2", "c3", "b4"]),
            ("5", &["a0", "b1", "a2", "c3", "b4"]),
            ("50", &["a0", "b1", "a2", "c3", "b4"]),
            ("all", &["a0", "b1", "a2", "c3", "b4"]),
            ("latest", &["a2", "c3", "b4"]),
        ] {
            let expected: Vec<&str> = past.iter().copied().chain(["live"]).collect();
            assert_eq!(replayed(way, replay), expected, "{way:?}, {replay}");
        }
    }
}

#[test]
fn who_is_cut_off_in_its_replay_gets_the_rest_when_it_comes_back() {
    let world = World::new(Routes::new().at("/{replay}", || Newcomer));
    for number in 0..50 {
        world.publish(NEWS, number.to_string());
    }
    let length = {
        let mut whole = world.events("/all");
        whole.heard();
        50 * "id: xxxxxxxx-00\ndata: 00\n\n".len()
    };
    for bytes in (200..length).step_by(37) {
        let mut cursor = String::new();
        let mut newcomer = world.connect();
        newcomer.wire().reset_after(bytes);
        newcomer
            .send_bytes(b"GET /all HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n");
        let mut said = heard(&mut newcomer, &mut cursor);
        let mut newcomer = world.visit(Way::Events.visit("/all", &cursor));
        said.extend(heard(&mut newcomer, &mut cursor));
        let expected: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        assert_eq!(texts(&said), expected, "cut after {bytes} bytes");
    }
}

/// Joins the news when it is told to.
#[action(transport = websocket | sse)]
struct Latecomer;

const LOCAL: Channel = Channel::new("local").history(10);

#[callbacks]
impl Latecomer {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(LOCAL);
    }

    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, _: &str) {
        cx.subscribe(NEWS.replay(Replay::Last(2)));
    }
}

#[test]
fn who_joins_a_channel_later_joins_it_anew_and_keeps_its_cursor() {
    let world = World::new(Routes::new().at("/", || Latecomer));
    for number in 0..5 {
        world.publish(NEWS, number.to_string());
    }
    let mut cursor = String::new();
    let mut viewer = world.visit(Way::Socket.visit("/", ""));
    world.publish(LOCAL, "here");
    assert_eq!(texts(&heard(&mut viewer, &mut cursor)), ["here"]);
    let before = cursor.clone();
    viewer.send("join");
    let said = heard(&mut viewer, &mut cursor);
    assert_eq!(texts(&said), ["3", "4"]);
    assert!(said.iter().all(|said| said.id.is_none()), "a cursor does not go back: {said:?}");
    assert!(cursor >= before);
    world.publish(NEWS, "5").publish(LOCAL, "and here");
    assert_eq!(texts(&heard(&mut viewer, &mut cursor)), ["5", "and here"]);
}

#[test]
fn what_is_said_and_lost_while_a_newcomer_reads_the_past_is_a_gap() {
    const LONG: Channel = Channel::new("long").history(10);
    const SHORT: Channel = Channel::new("short").history(2);

    /// Hears both, and all of their past.
    #[action(transport = sse)]
    struct Both;

    #[callbacks]
    impl Both {
        #[on_start]
        fn join(&mut self, cx: &mut Context<Self>) {
            cx.subscribe(LONG.replay(Replay::All));
            cx.subscribe(SHORT.replay(Replay::All));
        }
    }

    let world = World::new(Routes::new().at("/", || Both));
    // More than is dealt of the past in one turn.
    let long = "long before ".repeat(16 * 1024);
    world.publish(LONG, &*long);
    for number in 0..3 {
        world.publish(SHORT, format!("before {number}"));
    }
    let mut newcomer = world.connect();
    newcomer.wire().set_window(Some(0));
    newcomer.send_bytes(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    for number in 0..3 {
        world.publish(SHORT, format!("after {number}"));
    }
    newcomer.wire().set_window(None);
    world.advance(Duration::ZERO);
    let said = heard(&mut newcomer, &mut String::new());
    let gap = r#"{"reason":"expired"}"#;
    assert_eq!(texts(&said), [&*long, gap, "after 1", "after 2"]);
}
