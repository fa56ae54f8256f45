//! Rooms to talk in, over whatever gets through: a WebSocket, server-sent events or long polling.
//!
//! ```sh
//! cargo run --example chat            # then open http://127.0.0.1:3000/ and choose a transport
//! curl -N -H 'Accept: text/event-stream' http://127.0.0.1:3000/rooms/lobby
//! curl --json 'hello' 'http://127.0.0.1:3000/rooms/lobby?nick=ada'
//! ```
//!
//! It is one action. Who has no socket speaks by POST to the same URL. All hear the same lines in
//! the same order, a newcomer the last of them. Who comes back names the cursor it was left with
//! (`Last-Event-ID`, `?last-event-id=`) and hears what it missed; nobody else noticed it was gone.

use crampon::prelude::*;
use crampon_examples::{address, is_development, public};
use serde::Serialize;

/// What is said in a room, and who is in it: `ROOM.at("lobby")`.
const ROOM: Channel<Line> =
    Channel::new("room").history(LINES_KEPT).history_for(Duration::from_secs(3600));

#[derive(Serialize)]
struct Line {
    nick: String,
    text: String,
}

#[action(transport = websocket | sse | long_polling,
         message_bytes_max = 4096, body_bytes_max = 4096)]
struct Chat {
    room: Channel<Line>,
    nick: String,
}

#[callbacks]
impl Chat {
    #[before_start]
    fn enter(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.room = ROOM.at(cx.param::<String>("room")?);
        self.nick = cx.param_or("nick", "guest".to_owned())?;
        if self.nick.is_empty() || self.nick.len() > NICK_BYTES_MAX {
            return Err(Halt::new(400, format!("a nick has 1 to {NICK_BYTES_MAX} bytes\n")));
        }
        Ok(())
    }

    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.enter(self.room.presence(), &self.nick, &cx.transport().name());
        cx.subscribe(self.room.presence());
        cx.subscribe(self.room.replay(Replay::Last(LINES_FOR_NEWCOMERS)));
    }

    #[on_data]
    fn say(&mut self, cx: &mut Context<Self>, text: &str) {
        let text = text.trim().to_owned();
        if !text.is_empty() {
            cx.publish(&self.room, &Line { nick: self.nick.clone(), text });
        }
    }
}

const NICK_BYTES_MAX: usize = 32; // what fits in front of a line on a phone
const LINES_KEPT: usize = 200; // of each room: 800 KiB if all are as long as they may be
const LINES_FOR_NEWCOMERS: usize = 50; // a screenful

fn main() -> crampon::Result<()> {
    let enter = || Chat { room: ROOM, nick: String::new() };
    let routes = Routes::new().at("/rooms/{room}", enter).files("/", public("chat"));
    Server::bind(address())?.development(is_development()).serve(routes)
}
