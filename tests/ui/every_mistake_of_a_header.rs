use crampon::{action, callbacks};

#[action(transport = sse | tpc, hold_timeout = 3, colour = red)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
