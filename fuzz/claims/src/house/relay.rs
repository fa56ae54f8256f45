//! The relay: a service that says again, on other channels, what it hears on one.

use crampon::prelude::*;

use super::deeds::{CHANNELS, SOURCE};

#[service]
pub struct Relay;

#[callbacks]
impl Relay {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(&CHANNELS[SOURCE]);
    }

    #[periodic_timer(every = "5s")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        // Nobody keeps this.
        cx.publish(CHANNELS[0].clone(), "the time");
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        for channel in &CHANNELS[..SOURCE] {
            cx.publish(channel.clone(), message.as_text().unwrap_or("bytes"));
        }
    }
}
