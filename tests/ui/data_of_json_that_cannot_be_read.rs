use crampon::action::{Context, Json};
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

struct Vote;

#[callbacks]
impl Live {
    #[on_data]
    fn received(&mut self, _cx: &mut Context<Self>, _vote: Json<Vote>) {}
}

fn main() {}
