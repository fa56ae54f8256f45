use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[periodic_timer(every = "1s")]
    fn tick(&mut self, _cx: &mut Context<Self>, _count: u64) {}
}

fn main() {}
