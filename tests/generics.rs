//! Actions of any type at work: generic ones, state that reaches them through their recipes, and a
//! table written by hand beside the one the macro writes.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use crampon::action::{
    Action, Callback, Callbacks, Declaration, Every, Failure, FromData, IntoOutcome, Outcome,
    PeriodicTimer, Place, Service, Table,
};
use crampon::prelude::*;
use crampon::trial::{Trial, World};
use crampon_tests::stage::Diary;

const SECOND: Duration = Duration::from_secs(1);

/// Where an action takes its words from.
trait Source: 'static {
    type Word: Display;

    fn next(&mut self) -> Self::Word;
}

struct Numbers(u32);

impl Source for Numbers {
    type Word = u32;

    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

struct Letters(std::ops::RangeInclusive<char>);

impl Source for Letters {
    type Word = char;

    fn next(&mut self) -> char {
        self.0.next().unwrap_or('.')
    }
}

/// Says a word of its source a second, `N` at a time.
#[action(transport = sse | websocket)]
struct Words<S, const N: usize> {
    source: S,
}

#[callbacks]
impl<S, const N: usize> Words<S, N>
where
    S: Source,
{
    #[on_start]
    #[periodic_timer(every = "1s")]
    fn say(&mut self, cx: &mut Context<Self>) {
        let words: Vec<String> = (0..N).map(|_| self.source.next().to_string()).collect();
        cx.render(words.join(" "));
        cx.after(SECOND / 2, Self::count);
    }

    fn count(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| N).then(|_, cx, count| cx.render(format!("that was {count:?}")));
    }
}

#[test]
fn an_action_is_generic_over_types_and_constants() {
    let routes = Routes::new()
        .at("/numbers", || Words::<_, 1> { source: Numbers(0) })
        .at("/letters", || Words::<_, 3> { source: Letters('a'..='g') });
    let world = World::new(routes);
    let (mut numbers, mut letters) = (world.events("/numbers"), world.socket("/letters"));
    world.advance(SECOND);
    numbers.expect_render("1").expect_render("that was Ok(1)").expect_render("2");
    letters.expect_render("a b c").expect_render("that was Ok(3)").expect_render("d e f");
}

/// Upstream and downstream of any channel.
#[action(transport = websocket | sse)]
struct Room<N> {
    name: N,
}

#[callbacks]
impl<N: AsRef<str> + 'static> Room<N> {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(self.name.as_ref());
    }

    #[on_data]
    fn said(&mut self, cx: &mut Context<Self>, Json(words): Json<Vec<String>>) {
        cx.publish(self.name.as_ref(), words.join(" "));
    }
}

#[test]
fn what_a_recipe_captures_is_the_state_of_its_route() {
    let mut routes = Routes::new();
    for room in ["red", "blue"] {
        let name = format!("the {room} room");
        routes = routes.at(&format!("/{room}"), move || Room { name: name.clone() });
    }
    let world = World::new(routes.at("/green", || Room { name: "the green room" }));
    let mut guests = ["/red", "/blue", "/green"].map(|room| world.socket(room));
    world.post("/blue", r#"["hello", "blue"]"#).expect_status(204);
    guests[2].send(r#"["hello", "green"]"#);
    guests[0].expect_nothing();
    guests[1].expect_render("hello blue").expect_nothing();
    guests[2].expect_render("hello green").expect_nothing();
}

/// Counts its visits: its own, and those of all who share its counter.
#[action(transport = regular)]
struct Counter {
    own: u32,
    shared: Rc<Cell<u32>>,
    names: Rc<RefCell<Vec<String>>>,
}

#[callbacks]
impl Counter {
    #[on_start]
    fn count(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.own += 1;
        self.shared.set(self.shared.get() + 1);
        self.names.borrow_mut().push(cx.param("name")?);
        cx.render(format!("{} of {}", self.own, self.shared.get()));
        cx.finish();
        Ok(())
    }
}

#[test]
fn each_action_is_fresh_and_shares_what_its_recipe_shares() {
    let (shared, names) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
    let recipe = {
        let (shared, names) = (shared.clone(), names.clone());
        move || Counter { own: 0, shared: shared.clone(), names: names.clone() }
    };
    let world = World::new(Routes::new().at("/{name}", recipe));
    world.get("/ann").expect_render("1 of 1");
    world.get("/bob").expect_render("1 of 2");
    assert_eq!(shared.get(), 2, "what the recipe shares is the test's too");
    assert_eq!(*names.borrow(), ["ann", "bob"]);
    drop(world);
    assert_eq!(Rc::strong_count(&shared), 1, "the recipe ends with its routes");
}

/// Everything there is, as the macros write it.
#[action(transport = websocket)]
struct Written(Diary);

#[callbacks]
impl Written {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.0.note("check");
        cx.param_text("name").map(drop).ok_or_else(|| Halt::new(401, "who are you?"))
    }

    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        self.0.note("greet");
        cx.subscribe("room");
        cx.render("hello");
    }

    #[on_data]
    fn said(&mut self, cx: &mut Context<Self>, text: &str) -> Result<(), String> {
        self.0.note(text);
        cx.publish("room", text);
        if text == "err" { Err("no luck".to_owned()) } else { Ok(()) }
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        cx.render(message);
    }

    #[periodic_timer(every = "1s")]
    #[periodic_timer(every = Self::pace)]
    fn tick(&mut self, cx: &mut Context<Self>) {
        self.0.note("tick");
        cx.render("tick");
    }

    fn pace(&self) -> Duration {
        3 * SECOND
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.0.note(cx.finish_reason());
    }
}

/// The same, by hand.
struct ByHand(Diary);

impl Action for ByHand {
    const DECLARATION: Declaration =
        Declaration { name: "ByHand", transports: &[Transport::Websocket], ..Declaration::DEFAULT };
}

impl Callbacks for ByHand {
    const TABLE: Table<Self> = Table {
        before_start: &[here("check", |this, cx| {
            this.0.note("check");
            let name = cx.param_text("name");
            name.map(drop).ok_or_else(|| Halt::new(401, "who are you?")).into_outcome()
        })],
        on_start: &[here("greet", |this, cx| {
            this.0.note("greet");
            cx.subscribe("room");
            cx.render("hello");
            Ok(())
        })],
        on_data: &[here("said", |this, cx, data| {
            let text = <&str>::from_data(data).map_err(Failure::Rejected)?;
            this.0.note(text);
            cx.publish("room", text);
            if text == "err" { Err("no luck").into_outcome() } else { Ok(()) }
        })],
        on_message: &[here("heard", |_, cx, message| {
            cx.render(message);
            Ok(())
        })],
        on_finish: &[here("leave", |this, cx| {
            this.0.note(cx.finish_reason());
            Ok(())
        })],
        timers: &[
            PeriodicTimer { callback: here("tick", Self::tick), every: Every::Fixed(SECOND) },
            PeriodicTimer {
                callback: here("tick", Self::tick),
                every: Every::Asked(|_| Duration::from_secs(3)),
            },
        ],
        ..Table::EMPTY
    };
}

impl ByHand {
    fn tick(&mut self, cx: &mut Context<Self>) -> Outcome {
        self.0.note("tick");
        cx.render("tick");
        Ok(())
    }
}

/// A callback of this file.
const fn here<F>(name: &'static str, call: F) -> Callback<F> {
    Callback { name, place: Place { file: file!(), line: line!() }, call }
}

/// What the viewers of an action hear, and what it lives through, in a life with everything.
fn life<A: Action>(make: impl Fn(Diary) -> A + 'static) -> (Vec<String>, Vec<String>) {
    let diary = Diary::default();
    let pen = diary.clone();
    let world = World::new(Routes::new().at("/", move || make(pen.clone())));
    let mut heard = Vec::new();
    let mut hear = |trial: &mut Trial| {
        heard.push(format!("{:?} {:?}", trial.status(), trial.heard()));
    };
    hear(&mut world.socket("/"));
    let (mut ann, mut bob) = (world.socket("/?name=ann"), world.socket("/?name=bob"));
    world.advance(3 * SECOND);
    ann.send("hi").send("err");
    bob.send_binary(b"\xff");
    world.stop();
    hear(&mut ann);
    hear(&mut bob);
    (heard, diary.read())
}

#[test]
fn a_table_written_by_hand_behaves_as_the_macros() {
    let (heard, lived) = life(Written);
    assert!(lived.contains(&"tick".to_owned()) && lived.contains(&"failed".to_owned()));
    assert_eq!((heard, lived), life(ByHand));
}

/// A service by hand.
struct Sampler(Diary);

impl Service for Sampler {
    const NAME: &'static str = "Sampler";
}

impl Callbacks for Sampler {
    const TABLE: Table<Self> = Table {
        on_start: &[here("begin", |_, cx: &mut Context<Self>| {
            cx.subscribe("room");
            Ok(())
        })],
        on_message: &[here("heard", |this: &mut Self, _, message: &Message| {
            this.0.note(message.as_text().unwrap_or("binary"));
            Ok(())
        })],
        ..Table::EMPTY
    };
}

#[test]
fn a_service_written_by_hand_serves() {
    let diary = Diary::default();
    let sampler = Sampler(diary.clone());
    let world = World::with(Routes::new(), |server| server.service(sampler));
    world.publish("room", "sample");
    diary.expect(&["sample"]);
}
