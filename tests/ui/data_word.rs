use crampon::action::{Context, Part};
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_data(steam)]
    fn part(&mut self, _cx: &mut Context<Self>, _part: Part<'_>) {}
}

fn main() {}
