//! The web side: a page, and the figures behind it as they change.

use crampon::prelude::*;

use crate::counts::Counts;

/// The page.
#[action(transport = regular)]
pub struct Page;

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.render(include_str!("page.html"));
        cx.finish();
    }
}

/// Sees the figures at once and every second, and what is announced when it is.
#[action(transport = sse)]
pub struct Viewer {
    counts: Rc<Counts>,
}

impl Viewer {
    /// A viewer of `counts`.
    pub fn recipe(counts: Rc<Counts>) -> impl Fn() -> Self {
        move || Self { counts: counts.clone() }
    }
}

#[callbacks]
impl Viewer {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("announcements");
    }

    #[on_start]
    #[periodic_timer(every = "1s")]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.render(Event::json(&*self.counts).named("counts"));
    }
}
