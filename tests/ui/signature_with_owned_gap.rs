use crampon::action::{Context, Gap};
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_gap]
    fn missed(&mut self, _cx: &mut Context<Self>, _gap: Gap) {}
}

fn main() {}
