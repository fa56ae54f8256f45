//! The same once more, for those whom neither a socket nor a stream reaches.
//!
//! A poll is answered with one activity; the next poll names it, and gets the one behind it.

use crampon::prelude::*;

use crate::feed::Feed;

/// What Congress did since the viewer last looked: one activity, as soon as there is one.
#[action(transport = long_polling)]
pub struct LivePoll {
    pub feed: Rc<Feed>,
    pub latest: u64,
}

#[callbacks]
impl LivePoll {
    #[before_start]
    fn resume(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.latest = self.feed.resume(cx.last_event_id()?);
        Ok(())
    }

    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("activities");
        self.latest(cx);
    }

    #[periodic_timer(every = Self::pace)]
    fn latest(&mut self, cx: &mut Context<Self>) {
        for activity in self.feed.since(self.latest) {
            self.latest = activity.id;
            cx.render(Event::json(&*activity).named("activity").id(activity.id));
        }
    }

    #[on_message]
    fn posted(&mut self, cx: &mut Context<Self>, _: &Message) {
        self.latest(cx);
    }

    fn pace(&self) -> Duration {
        self.feed.every
    }
}
