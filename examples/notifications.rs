//! Notifications: a random token every five seconds, until the browser leaves.
//!
//! ```sh
//! cargo run --example notifications   # then open http://127.0.0.1:3000/, more than once
//! curl -N http://127.0.0.1:3000/notifications
//! ```
//!
//! Each is an event named `token`, its data JSON: `{"token":"f00d..","viewers":2}`. The count falls
//! when a page is closed: `on_finish` runs exactly once, however a viewer leaves.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

use crampon::prelude::*;
use crampon_examples::{address, duration, is_development, public};
use serde::Serialize;

#[action(transport = sse)]
struct Notifications {
    viewers: Rc<Cell<u32>>,
    every: Duration,
}

#[callbacks]
impl Notifications {
    #[on_start]
    fn arrived(&mut self, cx: &mut Context<Self>) {
        self.viewers.update(|viewers| viewers + 1);
        cx.render(Event::retry_after(Duration::from_millis(300)));
        self.notify(cx);
    }

    #[periodic_timer(every = Self::pace)]
    fn notify(&mut self, cx: &mut Context<Self>) {
        let notification = Notification { token: random_token(), viewers: self.viewers.get() };
        cx.render(Event::json(&notification).named("token"));
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.viewers.update(|viewers| viewers - 1);
        info!(reason = %cx.finish_reason(), viewers = self.viewers.get(), "a viewer left");
    }

    fn pace(&self) -> Duration {
        self.every
    }
}

#[derive(Serialize)]
struct Notification {
    token: String,
    viewers: u32,
}

/// Sixteen digits nobody has seen before; good to look at, too weak to be a secret.
fn random_token() -> String {
    format!("{:016x}", RandomState::new().hash_one("token"))
}

fn main() -> crampon::Result<()> {
    let viewers = Rc::new(Cell::new(0));
    let every = duration("--every", Duration::from_secs(5));
    let routes = Routes::new()
        .at("/notifications", move || Notifications { viewers: viewers.clone(), every })
        .files("/", public("notifications"));
    Server::bind(address())?.development(is_development()).serve(routes)
}
