//! Attributes stack, timers several times, and other attributes stay.

#![deny(warnings)]

use std::time::Duration;

use crampon::action::Context;
use crampon::{action, callbacks, service};

/// It has documentation.
#[action(
    transport = websocket | sse | long_polling | chunked | regular,
    keep_alive = "15s",
    subscribe = ["news", "weather"],
    subprotocols = ["echo", "chat.v2"],
    origins = "https://app.example" | "https://*.example.org:8443" | own,
    cors(
        origins = "https://app.example",
        credentials,
        headers = "x-token" | "x-page",
        exposed = "x-total",
        max_age = "1h",
    ),
    poll_timeout = "30s",
    answer_timeout = "1.5s",
    hold_timeout = "2m",
    write_timeout = "250ms",
    body_bytes_max = BODY,
    message_bytes_max = 64 * 1024,
    messages_per_second_max = 20,
    outbox_bytes_max = 1 << 20,
)]
#[derive(Debug, Default)]
pub struct Pulse {
    beats: u64,
}

const BODY: usize = 1024 * 1024;

#[callbacks]
impl Pulse {
    /// How many there can be.
    pub const BEATS_MAX: u64 = 3;

    /// It beats.
    #[before_start]
    #[on_start]
    #[periodic_timer(every = "15s")]
    #[inline]
    #[periodic_timer(every = "0.5h")]
    #[crampon::periodic_timer(every = Self::pace)]
    #[on_drain]
    #[on_finish]
    #[allow(clippy::unnecessary_wraps)]
    pub fn beat(&mut self, _cx: &mut Context<Self>) -> Result<(), String> {
        self.beats = Self::BEATS_MAX.min(self.beats + 1);
        Ok(())
    }

    #[cfg(any())]
    #[on_start]
    fn never(&mut self, _cx: &mut Absent<Self>) -> Nothing {}

    fn pace(&self) -> Duration {
        Duration::from_millis(self.beats)
    }
}

/// It belongs to the process.
#[service]
pub struct Sampler;

#[callbacks]
impl Sampler {}

/// Inside a macro of somebody's own.
macro_rules! ticking {
    ($name:ident, $every:literal, $transport:expr) => {
        #[action(transport = $transport, keep_alive = off)]
        struct $name;

        #[callbacks]
        impl $name {
            #[periodic_timer(every = $every)]
            fn tick(&mut self, _cx: &mut Context<Self>) {}
        }
    };
}

ticking!(Clock, "1s", sse);

fn main() {
    let _ = (Pulse::default(), Sampler, Clock);
}
