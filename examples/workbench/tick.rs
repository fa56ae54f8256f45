//! The time, once a second, from a timer of each viewer's own.

use std::time::{SystemTime, UNIX_EPOCH};

use crampon::prelude::*;
use serde::Serialize;

use crate::census::Census;

/// Ticks.
#[action(transport = websocket | sse)]
pub struct Tick {
    census: Rc<Census>,
    count: u64,
}

/// The how-manieth tick it is, and when: `{"n":1,"t":1700000000000}`.
#[derive(Serialize)]
struct Beat {
    n: u64,
    /// Milliseconds since 1970.
    t: u64,
}

impl Tick {
    /// A viewer counted in `census`.
    pub fn recipe(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone(), count: 0 }
    }
}

#[callbacks]
impl Tick {
    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        self.census.enter(cx.transport());
    }

    #[periodic_timer(every = "1s")]
    fn beat(&mut self, cx: &mut Context<Self>) {
        self.count += 1;
        let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        cx.render(Event::json(&Beat { n: self.count, t: age.as_millis() as u64 }));
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.census.leave(cx.transport());
    }
}
