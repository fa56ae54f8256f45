//! Presence: who is there is told to those who watch, each change once and in one order, and a
//! reconnect is no change.

mod coming_back;
mod going;
mod listing;
mod telling;

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

/// A room whose presence is looked at.
const ROOM: Channel = Channel::new("room").history(100);

/// The grace time of these tests, which is the default.
const GRACE: Duration = Duration::from_secs(10);

/// Less than any time that matters here.
const MOMENT: Duration = Duration::from_millis(1);

/// The event of a stream that tells a cursor and nothing else.
const POSITION: &str = "crampon.position";

/// Is present as its parameter `who`, and does what it is told.
#[action(transport = websocket | sse | long_polling)]
struct Guest;

#[callbacks]
impl Guest {
    #[before_start]
    fn greet(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match cx.param_text("refuse") {
            Some(_) => Err(Halt::new(403, "")),
            None => Ok(()),
        }
    }

    #[on_start]
    fn come(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let who: String = cx.param("who")?;
        cx.enter(here(cx), &who, &cx.param_or("value", 0)?);
        match cx.param_text("fail") {
            Some(_) => Err(Halt::new(500, "")),
            None => Ok(()),
        }
    }

    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, text: &str) -> Result<(), Halt> {
        let who: String = cx.param("who")?;
        match text.split_once(' ').unwrap_or((text, "")) {
            ("leave", _) => cx.leave(here(cx)),
            ("be", value) => cx.enter(here(cx), &who, &value),
            ("rename", name) => cx.enter(here(cx), name, &0),
            ("finish", _) => cx.finish(),
            ("fail", _) => return Err(Halt::new(500, "")),
            ("panic", _) => panic!("as told"),
            _ => {}
        }
        Ok(())
    }
}

/// The presence of the room a request names.
fn here<A: crampon::action::Action>(cx: &Context<A>) -> Presence {
    match cx.param_text("room") {
        Some(room) => ROOM.at(room).presence(),
        None => ROOM.presence(),
    }
}

/// Is told who is there.
#[action(transport = websocket | sse | long_polling)]
struct Watch;

#[callbacks]
impl Watch {
    #[on_start]
    fn look(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(here(cx));
    }
}

/// As [`Watch`], through a callback.
#[action(transport = websocket | sse | long_polling, subscribe = ROOM.presence())]
struct Porter;

#[callbacks]
impl Porter {
    #[on_message]
    fn noticed(&mut self, cx: &mut Context<Self>, message: &Message) {
        assert_eq!(message.channel(), Some("room"));
        cx.render(message);
    }
}

fn routes() -> Routes {
    Routes::new().at("/guest", || Guest).at("/watch", || Watch).at("/porter", || Porter)
}

fn house() -> World {
    World::new(routes())
}

/// A guest who stays.
fn guest(world: &World, who: &str) -> Trial {
    world.socket(&format!("/guest?who={who}"))
}

/// The ways to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Bare,
    Envelope,
    Events,
    Poll,
}

const WAYS: [Way; 4] = [Way::Bare, Way::Envelope, Way::Events, Way::Poll];

/// One who watches, and if by polls asks again and again.
struct Watcher {
    way: Way,
    world: World,
    target: String,
    cursor: String,
    trial: Trial,
}

impl Watcher {
    fn new(world: &World, way: Way, target: &str) -> Self {
        Self::since(world, way, target, "")
    }

    fn since(world: &World, way: Way, target: &str, cursor: &str) -> Self {
        let trial = world.visit(visit(way, target, cursor));
        let (world, target) = (world.clone(), target.to_owned());
        Self { way, world, target, cursor: cursor.to_owned(), trial }
    }

    /// The data of all events it was told since it was last asked.
    fn told(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        // A poll that said nothing is still under way, or was answered with nothing.
        while self.listen(&mut told) {
            self.trial = self.world.visit(visit(self.way, &self.target, &self.cursor));
            assert!(told.len() < 100, "polls that are answered for ever: {told:?}");
        }
        told
    }

    /// Takes what was heard; `true` if it is time to poll again.
    fn listen(&mut self, told: &mut Vec<String>) -> bool {
        let stands_at = self.trial.header("last-event-id");
        let mut is_answered = false;
        for heard in self.trial.heard() {
            match (self.way, heard) {
                (Way::Bare, Heard::Text(text)) => told.push(text),
                (Way::Envelope, Heard::Text(text)) => {
                    self.item(serde_json::from_str(&text).expect("an envelope"), told);
                }
                (Way::Events, Heard::Event { name, id, .. }) if name == "crampon.position" => {
                    self.cursor = id;
                }
                (Way::Events, Heard::Event { name, id, data }) => {
                    self.cursor = id;
                    if name != POSITION {
                        assert_eq!(name, "crampon.presence");
                        told.push(data);
                    }
                }
                (Way::Poll, Heard::Body(body)) => {
                    let items: Vec<_> = serde_json::from_slice(&body).expect("an array");
                    items.into_iter().for_each(|item| self.item(item, told));
                }
                (Way::Poll, Heard::End) => is_answered = true,
                (_, Heard::Ping | Heard::Comment(_)) => {}
                (_, heard) => panic!("{:?} heard {heard:?}", self.way),
            }
        }
        if let Some(cursor) = stands_at {
            self.cursor = cursor;
        }
        is_answered
    }

    fn item(&mut self, item: serde_json::Value, told: &mut Vec<String>) {
        if let Some(id) = item["id"].as_str() {
            self.cursor = id.to_owned();
        }
        if let Some(event) = item["event"].as_str() {
            assert_eq!(event, "crampon.presence");
            told.push(item["data"].as_str().expect("data is text").to_owned());
        }
    }

    #[track_caller]
    fn expect(&mut self, expected: &[String]) {
        assert_eq!(self.told(), expected, "{:?} at {}", self.way, self.target);
    }
}

fn visit(way: Way, target: &str, cursor: &str) -> Visit {
    let joint = if target.contains('?') { '&' } else { '?' };
    let target = match cursor {
        "" => target.to_owned(),
        cursor => format!("{target}{joint}last-event-id={cursor}"),
    };
    match way {
        Way::Bare => Visit::socket(&target),
        Way::Envelope => {
            Visit::socket(&target).header("sec-websocket-protocol", "crampon.event.v1")
        }
        Way::Events => Visit::events(&target),
        Way::Poll => Visit::get(&target).header("accept", "application/json"),
    }
}

/// Watchers by every way, with a callback and without.
fn watchers(world: &World) -> Vec<Watcher> {
    let targets = ["/watch", "/porter"];
    let ways = WAYS.into_iter().flat_map(|way| targets.map(|target| (way, target)));
    ways.map(|(way, target)| Watcher::new(world, way, target)).collect()
}

#[track_caller]
fn expect_all(watchers: &mut [Watcher], expected: &[String]) {
    for watcher in watchers {
        watcher.expect(expected);
    }
}

/// Who is there, each with the value 0.
fn all_here(keys: &[&str]) -> String {
    let members: Vec<_> =
        keys.iter().map(|key| format!(r#"{{"key":"{key}","value":0}}"#)).collect();
    format!(r#"{{"presence":"here","members":[{}]}}"#, members.join(","))
}

fn joined(key: &str) -> String {
    format!(r#"{{"presence":"join","key":"{key}","value":0}}"#)
}

fn updated(key: &str, value: &str) -> String {
    format!(r#"{{"presence":"update","key":"{key}","value":{value}}}"#)
}

fn left(key: &str) -> String {
    format!(r#"{{"presence":"leave","key":"{key}"}}"#)
}
