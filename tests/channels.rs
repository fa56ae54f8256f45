//! Channels: who hears what is published, and in which order.

use crampon::prelude::*;
use crampon::protocol::websocket::masked;
use crampon::trial::{Heard, Trial, World};
use crampon_tests::stage::Diary;

/// Speaks by commands, and hears what the rooms `a` and `b` hear, as it is.
#[action(transport = websocket | sse)]
struct Guest;

#[callbacks]
impl Guest {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        let rooms = cx.param_text("rooms").unwrap_or("a, b".into()).into_owned();
        for room in ["a", "b"].into_iter().filter(|room| rooms.contains(room)) {
            cx.subscribe(room);
        }
    }

    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, commands: &str) {
        for command in commands.split(", ") {
            match command.split_once(' ').expect("a command has two words") {
                ("say", text) => cx.render(text),
                ("join", room) => cx.subscribe(room),
                ("leave", room) => cx.unsubscribe(room),
                (room, text) => cx.publish(room, text),
            }
        }
    }
}

fn hotel() -> World {
    World::new(Routes::new().at("/", || Guest))
}

/// Puts a message on the wire; it arrives with whatever the next one says.
fn mutter(guest: &Trial, text: &str) {
    let mut frame = Vec::new();
    masked::encode_text(&mut frame, [1, 2, 3, 4], text);
    guest.wire().send(&frame);
}

fn expect_all(guests: &mut [Trial], texts: &[&str]) {
    for guest in guests {
        for text in texts {
            guest.expect_render(text);
        }
        guest.expect_nothing();
    }
}

#[test]
fn all_hear_the_same_in_the_same_order_the_publishers_too() {
    let world = hotel();
    let mut guests = [world.socket("/"), world.events("/"), world.socket("/"), world.events("/")];
    mutter(&guests[2], "a 1, a 2");
    guests[0].send("a 3, a 4");
    let order: Vec<_> = guests[1].heard().iter().filter_map(|heard| heard.rendered()).collect();
    let mut sorted = order.clone();
    sorted.sort();
    assert_eq!(sorted, ["1", "2", "3", "4"]);
    let order: Vec<&str> = order.iter().map(String::as_str).collect();
    let [first, _, third, fourth] = &mut guests;
    for guest in [first, third, fourth] {
        for text in &order {
            guest.expect_render(text);
        }
        guest.expect_nothing();
    }
}

#[test]
fn several_channels_are_heard_in_the_order_of_publishing() {
    let world = hotel();
    let mut guests = [world.socket("/"), world.events("/")];
    guests[0].send("b 1, a 2, c nobody, b 3, a 4");
    expect_all(&mut guests, &["1", "2", "3", "4"]);
}

#[test]
fn who_hears_one_channel_alone_hears_of_it_what_all_hear() {
    let world = hotel();
    let mut alone =
        [world.socket("/?rooms=a"), world.events("/?rooms=a"), world.socket("/?rooms=a")];
    let mut newcomer = world.socket("/?rooms=none");
    let mut both = world.events("/");
    newcomer.send("a 1, b not for all, join a, a 2, a 3");
    expect_all(&mut alone, &["1", "2", "3"]);
    newcomer.expect_render("2").expect_render("3").expect_nothing();
    both.expect_render("1").expect_render("not for all").expect_render("2").expect_render("3");
    alone[0].send("a 4, say to myself");
    alone[0].expect_render("to myself").expect_render("4").expect_nothing();
    expect_all(&mut alone[1..], &["4"]);
    expect_all(&mut [newcomer, both], &["4"]);
}

#[test]
fn what_is_published_comes_after_what_is_rendered_in_the_same_tick() {
    let world = hotel();
    let mut guests = [world.socket("/"), world.socket("/")];
    mutter(&guests[0], "a published, say rendered by the publisher");
    guests[1].send("say rendered by another");
    guests[0].expect_render("rendered by the publisher").expect_render("published");
    guests[1].expect_render("rendered by another").expect_render("published");
}

#[test]
fn one_hears_what_is_published_after_it_subscribed_and_nothing_before() {
    let mut guest = hotel().socket("/?rooms=none");
    guest.send("c before, join c, c after").expect_render("after").expect_nothing();
}

#[test]
fn a_second_subscription_to_a_channel_is_the_first() {
    let mut guest = hotel().socket("/");
    guest.send("join a, a once").expect_render("once").expect_nothing();
    guest.send("leave a, a nobody").expect_nothing();
}

#[test]
fn one_who_unsubscribes_hears_that_channel_no_more_until_it_subscribes_again() {
    let mut guest = hotel().socket("/");
    guest.send("a in flight, leave a").expect_nothing();
    guest.send("a unheard, b heard").expect_render("heard").expect_nothing();
    guest.send("join a, a again").expect_render("again").expect_nothing();
}

#[test]
fn to_leave_a_channel_one_is_not_in_is_no_error() {
    let mut guest = hotel().socket("/");
    guest.send("leave nowhere, say still here").expect_render("still here");
}

#[test]
fn a_world_publishes_too_and_to_nobody_as_well() {
    let world = hotel();
    world.publish("a", "to nobody");
    let mut guests = [world.socket("/"), world.events("/")];
    world.publish("a", "1").publish("b", "2").publish("c", "to nobody").publish("a", "3");
    expect_all(&mut guests, &["1", "2", "3"]);
}

/// Hears by a callback, and does what it is told there.
#[action(transport = websocket)]
struct Ear {
    diary: Diary,
    name: &'static str,
}

#[callbacks]
impl Ear {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("a");
        cx.subscribe("b");
    }

    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, texts: &str) {
        for text in texts.split(", ") {
            cx.publish("a", text);
        }
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        let text = message.as_text().expect("only text is said here");
        self.diary.note(format_args!("{} {text}", self.name));
        match text.split_once(' ') {
            Some(("echo", text)) => cx.publish("b", text),
            Some(("finish", name)) if name == self.name => cx.finish(),
            Some(("leave", name)) if name == self.name => cx.unsubscribe("a"),
            Some(("show", text)) => cx.render(text),
            _ => {}
        }
    }
}

fn ears() -> (World, Diary) {
    let diary = Diary::default();
    let ear = |name| {
        let diary = diary.clone();
        move || Ear { diary: diary.clone(), name }
    };
    let world = World::new(Routes::new().at("/ann", ear("ann")).at("/bob", ear("bob")));
    (world, diary)
}

#[test]
fn a_callback_decides_what_of_the_published_its_viewer_hears() {
    let (world, _) = ears();
    let mut ann = world.socket("/ann");
    ann.send("not shown, show this").expect_render("this").expect_nothing();
}

#[test]
fn what_is_published_while_others_hear_is_delivered_when_all_have_heard() {
    let (world, diary) = ears();
    let (mut ann, _bob) = (world.socket("/ann"), world.socket("/bob"));
    ann.send("echo x, y");
    diary.expect(&[
        "ann echo x",
        "ann y",
        "bob echo x",
        "bob y", // the first round
        "ann x",
        "ann x",
        "bob x",
        "bob x", // and what was published in it
    ]);
}

#[test]
fn one_who_unsubscribes_while_it_hears_hears_nothing_more_of_that_channel() {
    let (world, diary) = ears();
    let (mut ann, _bob) = (world.socket("/ann"), world.socket("/bob"));
    ann.send("leave bob, last");
    diary.expect(&["ann leave bob", "ann last", "bob leave bob"]);
    world.publish("b", "other");
    diary.expect(&["ann other", "bob other"]);
}

#[test]
fn one_who_finishes_while_it_hears_hears_nothing_more() {
    let (world, diary) = ears();
    let (mut ann, mut bob) = (world.socket("/ann"), world.socket("/bob"));
    ann.send("finish bob, last");
    diary.expect(&["ann finish bob", "ann last", "bob finish bob"]);
    bob.expect_close(1000);
}

#[test]
fn one_who_has_left_hears_nothing() {
    let (world, diary) = ears();
    let (mut ann, mut bob) = (world.socket("/ann"), world.socket("/bob"));
    mutter(&ann, "in the tick of leaving");
    bob.hang_up();
    ann.send("later");
    diary.expect(&["ann in the tick of leaving", "ann later"]);
    bob.expect_finish(FinishReason::Disconnected { code: None });
}

/// Says all it is to know of a message.
#[action(transport = sse)]
struct Reporter;

#[callbacks]
impl Reporter {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("news");
    }

    #[on_message]
    fn report(&mut self, cx: &mut Context<Self>, message: &Message) {
        let (channel, name, id) = (message.channel(), message.name(), message.id());
        let (text, bytes) = (message.as_text(), message.bytes());
        cx.render(format!("{channel:?} {name:?} {id:?} {text:?} {bytes:?}"));
    }
}

#[test]
fn a_callback_is_told_all_that_was_published() {
    let world = World::new(Routes::new().at("/", || Reporter));
    let mut reporter = world.events("/");
    for (event, told) in [
        (Event::new("!"), r#"Some("news") None None Some("!") [33]"#),
        (
            Event::new("!").named("mood").id(7),
            r#"Some("news") Some("mood") Some("7") Some("!") [33]"#,
        ),
        (Event::binary(&b"\xff"[..]), r#"Some("news") None None None [255]"#),
        (Event::json(&[1]), r#"Some("news") None None Some("[1]") [91, 49, 93]"#),
        (Event::new(""), r#"Some("news") None None Some("") []"#),
    ] {
        world.publish("news", event);
        reporter.expect_render(told);
    }
}

/// Publishes and subscribes where not everything is possible yet, or any more.
#[action(transport = sse)]
struct Edge;

#[callbacks]
impl Edge {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        cx.subscribe("a");
        cx.publish("a", "knocks");
        match cx.param_text("then").as_deref() {
            Some("halt") => return Err(Halt::new(401, "no")),
            Some("hold") => {
                cx.hold();
                cx.after(Duration::from_secs(1), |_, cx| cx.proceed());
            }
            _ => {}
        }
        Ok(())
    }

    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        cx.render("welcome");
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        cx.publish("a", "has left");
    }
}

fn door() -> (World, Trial) {
    let world = World::new(Routes::new().at("/", || Guest).at("/edge", || Edge));
    let guest = world.socket("/");
    (world, guest)
}

#[test]
fn an_action_publishes_from_its_first_callback_to_its_last() {
    let (world, mut guest) = door();
    let mut edge = world.events("/edge");
    edge.expect_render("welcome").expect_render("knocks").hang_up();
    guest.expect_render("knocks").expect_render("has left").expect_nothing();
}

#[test]
fn what_was_published_before_a_halt_is_published_all_the_same() {
    let (world, mut guest) = door();
    world.events("/edge?then=halt").expect_status(401).expect_render("no").expect_end();
    guest.expect_render("knocks").expect_nothing();
}

/// Nothing reaches a viewer before the check is through, and nothing is lost to it.
#[test]
fn an_action_that_is_held_hears_when_it_starts_what_was_published_meanwhile() {
    let (world, mut guest) = door();
    let mut edge = world.events("/edge?then=hold");
    world.publish("a", "meanwhile");
    guest.expect_render("knocks").expect_render("meanwhile");
    edge.expect_nothing().advance(Duration::from_secs(1)).expect_render("welcome");
    edge.expect_render("knocks").expect_render("meanwhile").expect_nothing();
    world.publish("a", "now").publish("b", "elsewhere");
    edge.expect_render("now").expect_nothing();
}

/// Says what it hears in one room in another, as it is, and to its viewer.
#[action(transport = sse)]
struct Relay;

#[callbacks]
impl Relay {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("a");
    }

    #[on_message]
    fn pass(&mut self, cx: &mut Context<Self>, message: &Message) {
        cx.render(message);
        cx.publish("b", message);
    }
}

#[test]
fn a_message_keeps_its_name_and_its_id_when_it_is_said_again() {
    let world = World::new(Routes::new().at("/", || Guest).at("/relay", || Relay));
    let mut guests = [world.events("/?rooms=none"), world.events("/relay"), world.events("/")];
    world.publish("a", Event::new("!").named("mood").id(7));
    let said = Heard::Event { name: "mood".into(), id: "7".into(), data: "!".into() };
    guests[0].expect_nothing();
    guests[1].expect(said.clone()).expect_nothing();
    guests[2].expect(said.clone()).expect(said).expect_nothing();
}

/// Cannot bear to hear some things.
#[action(transport = websocket)]
struct Delicate;

#[callbacks]
impl Delicate {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("a");
    }

    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, message: &Message) -> Result<(), String> {
        match message.as_text() {
            Some("panic") => panic!("too much"),
            text => Err(format!("not `{text:?}` again")),
        }
    }
}

#[test]
fn one_who_fails_while_it_hears_fails_alone() {
    for text in ["panic", "err"] {
        let world = World::new(Routes::new().at("/", || Guest).at("/delicate", || Delicate));
        let (mut first, mut delicate) = (world.events("/"), world.socket("/delicate"));
        let mut last = world.socket("/");
        last.send(&format!("a {text}, a more")).expect_render(text).expect_render("more");
        first.expect_render(text).expect_render("more");
        delicate.expect_close(1011).expect_finish(FinishReason::Failed);
    }
}
