use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_data(stream)]
    fn part(&mut self, _cx: &mut Context<Self>, _part: &str) {}
}

fn main() {}
