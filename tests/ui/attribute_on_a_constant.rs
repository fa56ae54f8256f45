use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    const GREETING: &'static str = "hello";
}

fn main() {}
