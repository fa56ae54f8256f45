use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

struct Secret;

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self, _cx: &mut Context<Self>) -> Result<(), Secret> {
        Err(Secret)
    }
}

fn main() {}
