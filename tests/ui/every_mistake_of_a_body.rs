use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self) {}

    #[periodic_timer(every = 15)]
    fn tick(&mut self, _cx: &mut Context<Self>) {}

    #[on_finnish]
    fn bye(&mut self, _cx: &mut Context<Self>) {}
}

fn main() {}
