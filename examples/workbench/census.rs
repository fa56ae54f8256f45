//! Who is here: how many event streams and WebSockets are open.

use std::cell::Cell;

use crampon::prelude::*;
use serde::Serialize;

/// How many are connected, by transport.
#[derive(Default, Serialize)]
pub struct Census {
    sse: Cell<u64>,
    ws: Cell<u64>,
}

impl Census {
    /// Counts one in.
    pub fn enter(&self, transport: Transport) {
        let open = self.of(transport);
        open.set(open.get() + 1);
    }

    /// Counts one out.
    pub fn leave(&self, transport: Transport) {
        let open = self.of(transport);
        open.set(open.get() - 1);
    }

    fn of(&self, transport: Transport) -> &Cell<u64> {
        match transport {
            Transport::Websocket => &self.ws,
            _ => &self.sse,
        }
    }
}

/// Tells the count: `{"sse":2,"ws":1}`.
#[action(transport = regular)]
pub struct Stats {
    census: Rc<Census>,
}

impl Stats {
    /// The figures of `census`.
    pub fn recipe(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone() }
    }
}

#[callbacks]
impl Stats {
    #[on_start]
    fn tell(&mut self, cx: &mut Context<Self>) {
        cx.render(Event::json(&*self.census));
        cx.finish();
    }
}
