//! Rooms to talk in, over whatever gets through: a WebSocket, server-sent events or long polling.
//!
//! ```sh
//! cargo run --example chat            # then open http://127.0.0.1:3000/ and choose a transport
//! curl -N -H 'Accept: text/event-stream' http://127.0.0.1:3000/rooms/lobby
//! curl --json 'hello' 'http://127.0.0.1:3000/rooms/lobby?nick=ada'
//! ```
//!
//! It is one action. Who has no socket speaks by POST to the same URL. All hear the same lines in
//! the same order; who comes back names the last one heard (`Last-Event-ID`, `?last-event-id=`).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use crampon::prelude::*;
use crampon_examples::{address, is_development, public};
use serde::Serialize;

#[action(transport = websocket | sse | long_polling,
         message_bytes_max = 4096, body_bytes_max = 4096)]
struct Chat {
    log: Rc<Log>,
    room: String,
    nick: String,
    latest: u64,
}

#[callbacks]
impl Chat {
    #[before_start]
    fn enter(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.room = cx.param("room")?;
        self.nick = cx.param_or("nick", "guest".to_owned())?;
        if self.nick.is_empty() || self.nick.len() > NICK_BYTES_MAX {
            return Err(Halt::new(400, format!("a nick has 1 to {NICK_BYTES_MAX} bytes\n")));
        }
        self.latest = cx.last_event_id()?.unwrap_or(0);
        Ok(())
    }

    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(&self.room);
        self.catch_up(cx);
    }

    #[on_data]
    fn say(&mut self, cx: &mut Context<Self>, text: &str) {
        if !text.trim().is_empty() {
            self.log.add(&self.room, &self.nick, text.trim());
            cx.publish(&self.room, "something was said");
        }
    }

    #[on_message]
    fn hear(&mut self, cx: &mut Context<Self>, _: &Message) {
        self.catch_up(cx);
    }

    fn catch_up(&mut self, cx: &mut Context<Self>) {
        for line in self.log.since(&self.room, self.latest) {
            self.latest = line.id;
            cx.render(Event::json(&*line).id(line.id));
        }
    }
}

/// What was said of late, in all rooms.
#[derive(Default)]
struct Log {
    lines: RefCell<VecDeque<Rc<Line>>>,
}

#[derive(Serialize)]
struct Line {
    id: u64,
    nick: String,
    text: String,
    #[serde(skip)]
    room: String,
}

impl Log {
    /// Keeps a line. Its id is the time in milliseconds, so that ids go on after a restart.
    fn add(&self, room: &str, nick: &str, text: &str) {
        let mut lines = self.lines.borrow_mut();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let after_last = lines.back().map_or(0, |line| line.id + 1);
        let id = after_last.max(now.as_millis() as u64);
        let (nick, text, room) = (nick.to_owned(), text.to_owned(), room.to_owned());
        lines.push_back(Rc::new(Line { id, nick, text, room }));
        if lines.len() > LINES_KEPT {
            lines.pop_front();
        }
    }

    /// The newest lines of a room behind the line `latest`, the oldest of them first.
    fn since(&self, room: &str, latest: u64) -> Vec<Rc<Line>> {
        let lines = self.lines.borrow();
        let newer = lines.iter().rev().take_while(|line| line.id > latest);
        let heard = newer.filter(|line| line.room == room).take(CATCH_UP_LINES_MAX);
        let mut heard: Vec<_> = heard.cloned().collect();
        heard.reverse();
        heard
    }
}

const NICK_BYTES_MAX: usize = 32; // what fits in front of a line on a phone
const LINES_KEPT: usize = 1_000; // of all rooms together: 4 MiB if all are as long as they may be
const CATCH_UP_LINES_MAX: usize = 50; // a screenful for a newcomer

fn main() -> crampon::Result<()> {
    let log = Rc::new(Log::default());
    let enter =
        move || Chat { log: log.clone(), room: String::new(), nick: String::new(), latest: 0 };
    let routes = Routes::new().at("/rooms/{room}", enter).files("/", public("chat"));
    Server::bind(address())?.development(is_development()).serve(routes)
}
