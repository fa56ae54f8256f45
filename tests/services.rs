//! Services: what belongs to the process and not to a connection.

use crampon::prelude::*;
use crampon::trial::World;
use crampon_tests::stage::{Diary, Listening};

/// Hears the news over a socket, and says what it hears on it.
#[action(transport = websocket | sse)]
struct Viewer;

#[callbacks]
impl Viewer {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("news");
    }

    #[on_data]
    fn said(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish("orders", text);
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        cx.publish("orders", "note a viewer left");
    }
}

/// Does what it hears on the channel `orders`, and writes down its life.
#[service]
struct Desk {
    diary: Diary,
    count: u32,
}

#[callbacks]
impl Desk {
    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) {
        self.diary.note("open");
        cx.subscribe("orders");
    }

    #[periodic_timer(every = "10s")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        self.count += 1;
        cx.publish("news", format!("tick {}", self.count));
    }

    #[on_message]
    fn ordered(&mut self, cx: &mut Context<Self>, message: &Message) -> Result<(), String> {
        let order = message.as_text().unwrap_or("binary");
        match order.split_once(' ').unwrap_or((order, "")) {
            ("note", text) => self.diary.note(text),
            ("publish", text) => cx.publish("news", text),
            ("close", _) => cx.unsubscribe("orders"),
            ("err", text) => return Err(text.to_owned()),
            ("panic", text) => panic!("{text}"),
            ("defer", text) => {
                let text = text.to_owned();
                cx.defer(move || text.to_uppercase()).then(Self::done);
            }
            ("later", text) => {
                let text = text.to_owned();
                cx.after(Duration::from_secs(1), |_, cx| cx.publish("news", text));
            }
            _ => return Err(format!("`{order}` is no order")),
        }
        Ok(())
    }

    fn done(
        &mut self,
        cx: &mut Context<Self>,
        text: Result<String, DeferError>,
    ) -> Result<(), DeferError> {
        cx.publish("news", text?);
        Ok(())
    }

    #[on_finish]
    fn close(&mut self, cx: &mut Context<Self>) {
        self.diary.note(format_args!("close: {}", cx.finish_reason()));
    }
}

fn office() -> (World, Diary) {
    let diary = Diary::default();
    let desk = Desk { diary: diary.clone(), count: 0 };
    let world = World::with(Routes::new().at("/", || Viewer), |server| server.service(desk));
    (world, diary)
}

#[test]
fn a_service_starts_with_the_server_and_before_anybody_comes() {
    let (_world, diary) = office();
    diary.expect(&["open"]);
}

#[test]
fn what_a_service_publishes_reaches_every_viewer() {
    let (world, _) = office();
    let mut viewers = [world.socket("/"), world.events("/")];
    world.advance(Duration::from_secs(20));
    for viewer in &mut viewers {
        viewer.expect_render("tick 1").expect_render("tick 2").expect_nothing();
    }
}

#[test]
fn a_service_hears_what_viewers_publish_and_answers_in_the_next_round() {
    let (world, _) = office();
    let (mut ann, mut bob) = (world.socket("/"), world.events("/"));
    ann.send("publish hello").expect_render("hello");
    bob.expect_render("hello");
    world.publish("orders", "publish from outside");
    bob.expect_render("from outside");
}

#[test]
fn a_service_hears_nothing_more_of_a_channel_it_has_left() {
    let (world, diary) = office();
    world.publish("orders", "close").publish("orders", "note unheard");
    diary.expect(&["open"]);
}

#[test]
fn work_and_closures_of_a_service_come_back_to_it() {
    let (world, _) = office();
    let mut viewer = world.events("/");
    world.publish("orders", "defer work").publish("orders", "later a second");
    viewer.expect_nothing();
    viewer.advance(Duration::from_millis(999)).expect_render("WORK").expect_nothing();
    viewer.advance(Duration::from_millis(1)).expect_render("a second").expect_nothing();
}

/// A service belongs to the process: there is nobody to come back and start it again.
#[test]
fn a_service_that_fails_is_logged_and_serves_on() {
    for (order, reason) in [("err no luck", "no luck"), ("panic bad luck", "panicked: bad luck")] {
        let (world, diary) = office();
        let log = Listening::listen();
        world.publish("orders", order).publish("orders", "note still here");
        diary.expect(&["open", "still here"]);
        log.expect_line(&["ERROR", "Desk", "ordered", "tests/services.rs:", reason]);
        let mut viewer = world.events("/");
        viewer.advance(Duration::from_secs(10)).expect_render("tick 1");
    }
}

#[test]
fn a_service_ends_once_after_the_last_action_has() {
    let (world, diary) = office();
    let mut viewers = [world.socket("/"), world.events("/")];
    world.stop().advance(Duration::from_secs(60));
    assert!(world.is_over());
    diary.expect(&["open", "a viewer left", "a viewer left", "close: server stopping"]);
    for viewer in &mut viewers {
        viewer.expect_finish(FinishReason::ServerStopping);
    }
}

#[test]
fn timers_of_a_service_end_with_it() {
    let (world, diary) = office();
    world.publish("orders", "later unheard").stop().advance(Duration::from_secs(60));
    diary.expect(&["open", "close: server stopping"]);
}

/// Passes on what it hears in one channel to another.
#[service]
struct Relay {
    from: &'static str,
    to: &'static str,
    greets: bool,
}

#[callbacks]
impl Relay {
    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(self.from);
        if self.greets {
            cx.publish(self.to, "note good morning");
        }
    }

    #[on_message]
    fn pass(&mut self, cx: &mut Context<Self>, message: &Message) {
        cx.publish(self.to, message);
    }
}

#[test]
fn services_hear_one_another_from_the_first_moment_on() {
    let diary = Diary::default();
    let desk = Desk { diary: diary.clone(), count: 0 };
    let relay = |from, to, greets| Relay { from, to, greets };
    let world = World::with(Routes::new(), |server| {
        let server = server.service(desk).service(relay("middle", "orders", false));
        server.service(relay("outside", "middle", true))
    });
    diary.expect(&["open", "good morning"]);
    world.publish("outside", "note through two hands");
    diary.expect(&["through two hands"]);
}

/// Does nothing.
#[service]
struct Bare;

#[callbacks]
impl Bare {}

#[test]
fn a_service_without_callbacks_is_one() {
    let world = World::with(Routes::new().at("/", || Viewer), |server| server.service(Bare));
    let mut viewer = world.events("/");
    world.publish("news", "hi");
    viewer.expect_render("hi");
    world.stop();
    assert!(world.is_over());
}
