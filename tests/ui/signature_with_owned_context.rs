use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self, _cx: Context<Self>) {}
}

fn main() {}
