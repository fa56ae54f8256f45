//! A count that loses its reader on purpose, and goes on where the reader was.

use crampon::prelude::*;

use crate::census::Census;
use crate::query::{millis, optional};

/// Counts to `?n=N` (10), one number each `?ms=M` (1000), the first at once. `?drop=K` ends the
/// stream after every K numbers, `?retry=R` says how long to wait before coming back.
#[action(transport = sse)]
pub struct Ticks {
    census: Rc<Census>,
    last: u64,
    pace: Duration,
    drop_after: Option<u64>,
    retry: Option<Duration>,
    /// The number said last, here or in the connection that was lost.
    said: u64,
    said_here: u64,
}

impl Ticks {
    /// A reader counted in `census`.
    pub fn recipe(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self {
            census: census.clone(),
            last: 10,
            pace: Duration::from_secs(1),
            drop_after: None,
            retry: None,
            said: 0,
            said_here: 0,
        }
    }

    fn pace(&self) -> Duration {
        self.pace
    }
}

#[callbacks]
impl Ticks {
    #[before_start]
    fn read_query(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.last = cx.param_or("n", self.last)?;
        self.pace = millis(cx, "ms")?.unwrap_or(self.pace);
        self.drop_after = optional(cx, "drop")?;
        self.retry = millis(cx, "retry")?;
        self.said = cx.last_event_id()?.unwrap_or(0);
        if self.said >= self.last {
            // 204 tells an EventSource not to come back.
            return Err(Halt::new(204, ""));
        }
        Ok(())
    }

    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        self.census.enter(cx.transport());
        if let Some(delay) = self.retry {
            cx.render(Event::retry_after(delay));
        }
    }

    #[on_start]
    #[periodic_timer(every = Self::pace)]
    fn count(&mut self, cx: &mut Context<Self>) {
        self.said += 1;
        self.said_here += 1;
        cx.render(Event::json(&self.said).id(self.said));
        if self.said == self.last || Some(self.said_here) == self.drop_after {
            cx.finish();
        }
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.census.leave(cx.transport());
    }
}
