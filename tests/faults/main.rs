//! Faults of the system and of what applications do: the loop goes on, says so, and recovers.

mod accepting;
mod clocks;
mod dropping;
mod holding;
mod lines;
mod logs;
mod signals;
mod workers;

use crampon::prelude::*;

/// Says what it hears.
#[action(transport = websocket | regular)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Answers at once.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.finish();
    }
}

/// Answers with what deferred work came to.
#[action(transport = regular)]
struct Deferring;

#[callbacks]
impl Deferring {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| "done").then(|_, cx, done| {
            cx.render(done.unwrap_or("not done"));
            cx.finish();
        });
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
