use crampon::action::{Context, Message};
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_gap]
    fn missed(&mut self, _cx: &mut Context<Self>, _gap: &Message) {}
}

fn main() {}
