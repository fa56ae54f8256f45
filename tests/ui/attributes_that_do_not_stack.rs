use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    #[on_data]
    fn greet(&mut self, _cx: &mut Context<Self>, _text: &str) {}
}

fn main() {}
