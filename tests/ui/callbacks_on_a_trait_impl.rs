use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

trait Greets: Sized {
    fn greet(&mut self, cx: &mut Context<Self>);
}

#[callbacks]
impl Greets for Live {
    #[on_start]
    fn greet(&mut self, _cx: &mut Context<Self>) {}
}

fn main() {}
