//! Line 8: what is published is delivered at the end of its tick, in the same order to all.

use crampon::prelude::*;
use crampon::trial::{Heard, World};
use crampon_tests::on_every_transport;
use crampon_tests::stage::Diary;

/// Joins the room its query names, and speaks there by its socket.
#[action(transport = websocket | sse | chunked)]
struct Guest;

#[callbacks]
impl Guest {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        if cx.param_or("listens", true)? {
            cx.subscribe("room");
        }
        Ok(())
    }

    #[on_data]
    fn said(&mut self, cx: &mut Context<Self>, text: &str) {
        for word in text.split(' ') {
            cx.publish("room", word);
            cx.render(format!("({word})"));
        }
    }
}

fn room() -> World {
    World::new(Routes::new().at("/", || Guest))
}

#[test]
fn what_is_published_comes_after_the_renders_of_its_tick_and_to_the_publisher_too() {
    let world = room();
    let mut ann = world.socket("/");
    ann.send("one two");
    ann.expect_render("(one)").expect_render("(two)").expect_render("one").expect_render("two");
    ann.expect_nothing();
}

#[test]
fn a_publisher_who_has_not_subscribed_hears_nothing() {
    let world = room();
    let (mut ann, mut bob) = (world.socket("/?listens=false"), world.socket("/"));
    ann.send("hello").expect_render("(hello)").expect_nothing();
    bob.expect_render("hello").expect_nothing();
}

#[test]
fn everybody_hears_the_same_order() {
    let world = room();
    let mut ann = world.socket("/");
    let mut others = [world.socket("/"), world.events("/"), world.get("/")];
    // Two frames in one read, masked with zeroes: both are of one tick.
    ann.send_bytes(b"\x81\x83\0\0\0\0a b\x81\x83\0\0\0\0c d");
    for letter in ["(a)", "(b)", "(c)", "(d)", "a", "b", "c", "d"] {
        ann.expect_render(letter);
    }
    for other in &mut others {
        for letter in ["a", "b", "c", "d"] {
            other.expect_render(letter);
        }
        other.expect_nothing();
    }
}

#[test]
fn what_publishers_of_different_connections_say_is_in_one_order() {
    let world = room();
    let (mut ann, mut bob) = (world.socket("/"), world.socket("/"));
    ann.send("one");
    bob.send("two");
    ann.send("three");
    ann.expect_render("(one)").expect_render("one").expect_render("two");
    ann.expect_render("(three)").expect_render("three");
    bob.expect_render("one").expect_render("(two)").expect_render("two").expect_render("three");
}

#[test]
fn who_subscribes_later_hears_only_what_comes_later() {
    let world = room();
    let mut ann = world.socket("/");
    ann.send("early");
    let mut bob = world.events("/");
    ann.send("late");
    bob.expect_render("late").expect_nothing();
}

/// Publishes and subscribes in one callback, in the order its query says.
#[action(transport = sse)]
struct Eager;

#[callbacks]
impl Eager {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        for step in cx.param::<String>("steps")?.chars() {
            match step {
                's' => cx.subscribe("room"),
                'u' => cx.unsubscribe("room"),
                letter => cx.publish("room", letter.to_string()),
            }
        }
        Ok(())
    }
}

#[test]
fn a_message_reaches_those_whose_subscribe_came_before_it() {
    for (steps, heard) in [
        ("sa", &["a"][..]),
        ("as", &[]),
        ("asb", &["b"]),
        ("sabc", &["a", "b", "c"]),
        ("ssa", &["a"]),
        ("sua", &[]),
        ("suasb", &["b"]),
    ] {
        let world = World::new(Routes::new().at("/", || Eager));
        let mut viewer = world.events(&format!("/?steps={steps}"));
        let said: Vec<_> = viewer.heard().iter().filter_map(Heard::rendered).collect();
        assert_eq!(said, heard, "{steps}");
    }
}

on_every_transport! { relaying:
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        cx.publish("room", "hello");
        self.diary.note("join");
    }

    #[on_start]
    fn next(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("next");
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        let text = message.as_text().unwrap_or_default();
        self.diary.note(text);
        if text == "hello" {
            cx.publish("room", "hello again");
            self.diary.note("published");
        }
    }
}

#[test]
fn publishing_is_recorded_and_never_calls_back_into_the_callback() {
    for stage in relaying::stages() {
        let _viewer = stage.visit();
        stage.diary.expect(&["join", "next", "hello", "published", "hello again"]);
    }
}

/// Lets all waves go at once, at the word of its viewer.
#[action(transport = websocket)]
struct Flood;

#[callbacks]
impl Flood {
    #[on_data]
    fn open(&mut self, cx: &mut Context<Self>, _text: &str) {
        for number in 0..FLOOD {
            cx.publish("river", wave(number));
        }
    }
}

/// Stands at the river.
#[action(transport = websocket | sse | chunked)]
struct Bank;

#[callbacks]
impl Bank {
    #[on_start]
    fn stand(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("river");
    }
}

/// As [`Bank`], and every wave is rendered by a callback.
#[action(transport = websocket | sse | chunked)]
struct Shore;

#[callbacks]
impl Shore {
    #[on_start]
    fn stand(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("river");
    }

    #[on_message]
    fn wave(&mut self, cx: &mut Context<Self>, message: &Message) {
        cx.render(message);
    }
}

/// Waves of one tick: with 100 KiB each they are more than the 1 MiB an outbox may hold.
const FLOOD: usize = 16;

fn wave(number: usize) -> String {
    format!("{number:0>16}").repeat(100 * 1024 / 16)
}

fn river() -> World {
    let routes = Routes::new().at("/flood", || Flood).at("/bank", || Bank).at("/shore", || Shore);
    World::new(routes)
}

#[test]
fn a_subscriber_that_reads_gets_everything_however_much_is_published_in_one_tick() {
    let world = river();
    for target in ["/bank", "/shore"] {
        let mut viewers = [world.socket(target), world.events(target), world.get(target)];
        world.socket("/flood").send("now");
        for viewer in &mut viewers {
            let said: Vec<_> = viewer.heard().iter().filter_map(Heard::rendered).collect();
            let waves: Vec<_> = (0..FLOOD).map(wave).collect();
            assert!(said.concat() == waves.concat(), "{target}: {} waves", said.len());
            viewer.expect_no_finish();
        }
    }
}

#[test]
fn a_subscriber_that_does_not_read_overflows_and_the_others_get_everything() {
    for target in ["/bank", "/shore"] {
        let world = river();
        let mut deaf = world.socket(target);
        let mut viewer = world.socket(target);
        deaf.wire().set_window(Some(0));
        world.socket("/flood").send("now");
        deaf.expect_finish(FinishReason::Overflowed);
        viewer.expect_no_finish();
        let said: Vec<_> = viewer.heard().iter().filter_map(Heard::rendered).collect();
        assert_eq!(said.len(), FLOOD, "{target}");
    }
}

#[test]
fn what_is_published_where_nobody_listens_is_nobodys() {
    let world = room();
    let mut ann = world.socket("/");
    world.publish("another room", "hello").publish("", "hello");
    ann.expect_nothing();
    world.publish("room", "hello");
    ann.expect_render("hello");
}

#[test]
fn what_a_finished_action_published_is_still_heard() {
    #[action(transport = regular)]
    struct Passer {
        diary: Diary,
    }

    #[callbacks]
    impl Passer {
        #[on_start]
        fn speak(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("room");
            cx.publish("room", "passing by");
            cx.finish();
        }

        #[on_message]
        fn heard(&mut self, _cx: &mut Context<Self>, _message: &Message) {
            self.diary.note("an echo");
        }

        #[on_finish]
        fn done(&mut self, cx: &mut Context<Self>) {
            cx.publish("room", "and gone");
        }
    }

    let diary = Diary::default();
    let pen = diary.clone();
    let routes = Routes::new().at("/", || Guest);
    let world = World::new(routes.at("/pass", move || Passer { diary: pen.clone() }));
    let mut ann = world.socket("/");
    world.get("/pass").expect_status(200);
    ann.expect_render("passing by").expect_render("and gone").expect_nothing();
    diary.expect(&[]);
}
