use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks(keep_alive = off)]
impl Live {}

fn main() {}
