use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    #[on_start]
    fn greet(&mut self, _cx: &mut Context<Self>) {}
}

fn main() {}
