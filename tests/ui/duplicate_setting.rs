use crampon::{action, callbacks};

#[action(transport = sse, keep_alive = off, keep_alive = "15s")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
