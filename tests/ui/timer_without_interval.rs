use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[periodic_timer]
    fn tick(&mut self, _cx: &mut Context<Self>) {}
}

fn main() {}
