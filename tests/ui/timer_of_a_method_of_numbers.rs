use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[periodic_timer(every = Self::pace)]
    fn tick(&mut self, _cx: &mut Context<Self>) {}

    fn pace(&self) -> u64 {
        15
    }
}

fn main() {}
