use crampon::{action, callbacks};

#[action(transport = sse, subscribe = "room" | "hall")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
