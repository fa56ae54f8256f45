use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self) {}
}

fn main() {}
