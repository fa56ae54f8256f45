use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, _text: &str) {}
}

fn main() {}
