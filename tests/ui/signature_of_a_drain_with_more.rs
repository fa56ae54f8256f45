use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_drain]
    fn drained(&mut self, _cx: &mut Context<Self>, _bytes: usize) {}
}

fn main() {}
