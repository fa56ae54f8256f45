//! Stream Congress: what happens on the floor of the House and the Senate, as it happens.
//!
//! ```sh
//! cargo run --example stream_congress         # then open http://127.0.0.1:3000/
//! curl -N http://127.0.0.1:3000/events
//! curl --json '{"chamber":"house","text":"The House met."}' http://127.0.0.1:3000/activities
//! ```
//!
//! `LiveSocket` and `LiveEvents` differ in one word. Each tells its viewer what is new every 15
//! seconds (`--every 5s`: every five), and at once when somebody posts. A viewer who comes back
//! names the last activity seen: none is missed, none is shown twice. The feed is a file of JSON
//! lines that any program may append to: a temporary copy of `feed.jsonl`, or `--feed PATH`.

mod feed;
mod feed_file;
mod live_poll;
mod post;
mod tail;

use crampon::prelude::*;
use crampon_examples::{address, duration, is_development, option, public};
use feed::Feed;
use feed_file::FeedFile;
use live_poll::LivePoll;
use post::Post;
use tail::Tail;

#[action(transport = websocket)]
struct LiveSocket {
    feed: Rc<Feed>,
    latest: u64,
}

#[callbacks]
impl LiveSocket {
    #[before_start]
    fn resume(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.latest = self.feed.resume(cx.last_event_id()?);
        Ok(())
    }

    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("activities");
        self.latest(cx);
    }

    #[periodic_timer(every = Self::pace)]
    fn latest(&mut self, cx: &mut Context<Self>) {
        for activity in self.feed.since(self.latest) {
            self.latest = activity.id;
            cx.render(Event::json(&*activity).named("activity").id(activity.id));
        }
    }

    #[on_message]
    fn posted(&mut self, cx: &mut Context<Self>, _: &Message) {
        self.latest(cx);
    }

    fn pace(&self) -> Duration {
        self.feed.every
    }
}

#[action(transport = sse)]
struct LiveEvents {
    feed: Rc<Feed>,
    latest: u64,
}

#[callbacks]
impl LiveEvents {
    #[before_start]
    fn resume(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.latest = self.feed.resume(cx.last_event_id()?);
        Ok(())
    }

    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("activities");
        self.latest(cx);
    }

    #[periodic_timer(every = Self::pace)]
    fn latest(&mut self, cx: &mut Context<Self>) {
        for activity in self.feed.since(self.latest) {
            self.latest = activity.id;
            cx.render(Event::json(&*activity).named("activity").id(activity.id));
        }
    }

    #[on_message]
    fn posted(&mut self, cx: &mut Context<Self>, _: &Message) {
        self.latest(cx);
    }

    fn pace(&self) -> Duration {
        self.feed.every
    }
}

fn main() -> crampon::Result<()> {
    let file = match option("--feed") {
        Some(path) => FeedFile::open(path)?,
        None => FeedFile::copy_of(include_str!("feed.jsonl"))?,
    };
    let feed = Rc::new(Feed::new(duration("--every", Duration::from_secs(15))));
    let tail = Tail::start(file.clone(), feed.clone())?;
    let [socket, events, poll] = [feed.clone(), feed.clone(), feed];
    let routes = Routes::new()
        .at("/socket", move || LiveSocket { feed: socket.clone(), latest: 0 })
        .at("/events", move || LiveEvents { feed: events.clone(), latest: 0 })
        .at("/poll", move || LivePoll { feed: poll.clone(), latest: 0 })
        .post("/activities", move || Post { file: file.clone() })
        .files("/", public("stream_congress"));
    Server::bind(address())?.development(is_development()).service(tail).serve(routes)
}
