//! A porter and an echo that take what is long part by part.

use crampon::prelude::*;

use super::lives::Life;

/// Says how much was uploaded; every so often it holds the sender back for a moment.
#[action(transport = regular)]
pub struct Porter {
    life: Life,
    bytes: usize,
    parts: u32,
}

impl Porter {
    pub fn new(life: Life) -> Self {
        Self { life, bytes: 0, parts: 0 }
    }
}

#[callbacks]
impl Porter {
    #[before_start]
    fn check(&mut self, _: &mut Context<Self>) {
        self.life.check();
    }

    #[on_start]
    fn begin(&mut self, _: &mut Context<Self>) {
        self.life.start();
    }

    #[on_data(stream)]
    fn part(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        self.life.act("hears a part");
        self.bytes += part.bytes.len();
        self.parts += 1;
        if part.is_last {
            cx.render(self.bytes.to_string());
            cx.finish();
        } else if self.parts % 3 == 1 {
            cx.pause();
            cx.after(Duration::from_millis(20), |this, cx| {
                this.life.act("resumes");
                cx.resume();
            });
        }
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.life.finish(cx.finish_reason());
    }
}

/// Echoes messages when their last part has come.
#[action(transport = websocket)]
pub struct PartEcho {
    life: Life,
    begun: Vec<u8>,
}

impl PartEcho {
    pub fn new(life: Life) -> Self {
        Self { life, begun: Vec::new() }
    }
}

#[callbacks]
impl PartEcho {
    #[before_start]
    fn check(&mut self, _: &mut Context<Self>) {
        self.life.check();
    }

    #[on_start]
    fn begin(&mut self, _: &mut Context<Self>) {
        self.life.start();
    }

    #[on_data(stream)]
    fn part(&mut self, cx: &mut Context<Self>, part: Part<'_>) -> Result<(), String> {
        self.life.act("hears a part");
        self.begun.extend_from_slice(part.bytes);
        if part.is_last {
            let whole = std::mem::take(&mut self.begun);
            match part.is_text {
                true => cx.render(String::from_utf8(whole).map_err(|error| error.to_string())?),
                false => cx.render(whole),
            }
        }
        Ok(())
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.life.finish(cx.finish_reason());
    }
}
