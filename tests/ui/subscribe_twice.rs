use crampon::{action, callbacks};

#[action(transport = sse, subscribe = "room", subscribe = "hall")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
