use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_data]
    fn received(&mut self, _cx: &mut Context<Self>, _vote: Vote) {}
}

fn main() {}
