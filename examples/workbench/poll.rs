//! Publications, for those who ask for them.

use crampon::prelude::*;

use crate::publication::PUBLICATIONS;
use crate::query::{millis, optional};

/// Answers with all that is newer than `?after=ID` as soon as there is any, and with 204 when
/// `?timeout=MS` has passed (25,000) and there is none. Without `after` only what comes is new.
#[action(transport = long_polling, poll_timeout = "10m")]
pub struct Poll {
    after: Option<u64>,
    timeout: Duration,
}

/// What a poll may wait at the most: as long as is declared above.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

impl Poll {
    /// A poll that waits as long as any, unless it says otherwise.
    pub fn new() -> Self {
        Self { after: None, timeout: Duration::from_secs(25) }
    }
}

#[callbacks]
impl Poll {
    #[before_start]
    fn read_query(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.after = optional(cx, "after")?;
        self.timeout = millis(cx, "timeout")?.unwrap_or(self.timeout).min(TIMEOUT_MAX);
        Ok(())
    }

    #[on_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        cx.batch();
        match self.after {
            Some(id) => cx.subscribe(PUBLICATIONS.after(id)),
            None => cx.subscribe(PUBLICATIONS),
        }
        cx.after(self.timeout, |_, cx| cx.finish());
    }
}
