use crampon::action::{Context, Part};
use crampon::{action, callbacks};

#[action(transport = websocket)]
struct Live;

#[callbacks]
impl Live {
    #[on_data]
    #[on_data(stream)]
    fn received(&mut self, _cx: &mut Context<Self>, _part: Part<'_>) {}
}

fn main() {}
