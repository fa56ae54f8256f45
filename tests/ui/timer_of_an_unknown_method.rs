use crampon::action::Context;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[periodic_timer(every = Self::pase)]
    fn tick(&mut self, _cx: &mut Context<Self>) {}

    fn pace(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1)
    }
}

fn main() {}
