use crampon::{action, callbacks};

#[action(transport = sse, subscribe = ["room", "room"])]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
