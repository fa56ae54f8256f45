//! A listener: it passes on what is said on a channel, and says where things stand after a gap.

use crampon::prelude::*;

use super::deeds::{CHANNELS, panic_as_told};
use super::lives::Life;

/// Hears the channel its query names with `c`; a message that begins with `x` makes it panic.
#[action(transport = websocket | sse | long_polling)]
pub struct Listener {
    life: Life,
}

impl Listener {
    pub fn new(life: Life) -> Self {
        Self { life }
    }
}

#[callbacks]
impl Listener {
    #[before_start]
    fn check(&mut self, _: &mut Context<Self>) {
        self.life.check();
    }

    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.life.start();
        let channel: usize = cx.param_or("c", 1)?;
        cx.subscribe(CHANNELS[channel % CHANNELS.len()].replay(Replay::Last(3)));
        Ok(())
    }

    #[on_message]
    fn said(&mut self, cx: &mut Context<Self>, message: &Message) {
        self.life.act("hears a message");
        if message.as_text().is_some_and(|text| text.starts_with('x')) {
            panic_as_told();
        }
        cx.render(message);
    }

    #[on_gap]
    fn missed(&mut self, cx: &mut Context<Self>, _: &Gap) {
        self.life.act("hears of a gap");
        cx.render("where things stand");
    }

    #[on_drain]
    fn drained(&mut self, _: &mut Context<Self>) {
        self.life.act("is drained");
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.life.finish(cx.finish_reason());
    }
}
