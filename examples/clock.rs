//! The time, told to every open page once a second, as server-sent events.
//!
//! ```sh
//! cargo run --example clock           # then open http://127.0.0.1:3000/
//! curl -N http://127.0.0.1:3000/time
//! ```
//!
//! Stop the server and the page says so; start it and the page's hands move on: browsers reconnect
//! to event streams by themselves.

use std::time::{SystemTime, UNIX_EPOCH};

use crampon::prelude::*;
use crampon_examples::{address, is_development, public};

#[action(transport = sse)]
struct Time;

#[callbacks]
impl Time {
    /// At once, and then every second.
    #[on_start]
    #[periodic_timer(every = "1s")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let tick = since_1970.as_millis().to_string();
        cx.render(Event::new(tick).named("tick").retry(Duration::from_secs(1)));
    }
}

fn main() -> crampon::Result<()> {
    let routes = Routes::new().at("/time", || Time).files("/", public("clock"));
    Server::bind(address())?.development(is_development()).serve(routes)
}
