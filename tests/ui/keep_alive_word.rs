use crampon::{action, callbacks};

#[action(transport = sse, keep_alive = never)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
