//! The oldest way to push: ask, and be answered when there is something to say.
//!
//! ```sh
//! cargo run --example long_poll
//! curl -i http://127.0.0.1:3000/                  # waits ...
//! curl -d 'it rains' http://127.0.0.1:3000/       # ... from another terminal: it is answered
//! ```
//!
//! If nothing is said for 30 seconds the poll ends with 204, and the client asks again;
//! `--poll-timeout 5s` makes it five. All who wait hear the same, and who asks too late hears
//! nothing: `chat` shows how to keep what was said in between.

use crampon::prelude::*;
use crampon_examples::{address, duration, is_development};

#[action(transport = long_polling)]
struct News;

#[callbacks]
impl News {
    /// GET: without `#[on_message]` what is published goes straight to who waits.
    #[on_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        cx.set_header("content-type", "text/plain; charset=utf-8");
        cx.subscribe("news");
    }

    /// POST to the same path: tells it to all, and is answered with 204.
    #[on_data]
    fn tell(&mut self, cx: &mut Context<Self>, news: &str) {
        cx.publish("news", news);
    }
}

fn main() -> crampon::Result<()> {
    let poll_timeout = duration("--poll-timeout", Duration::from_secs(30));
    Server::bind(address())?
        .limits(|limits| limits.poll_timeout = poll_timeout)
        .development(is_development())
        .serve(Routes::new().at("/", || News))
}
