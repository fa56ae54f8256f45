use crampon::{action, callbacks};

#[action(transport = sse, subscribe = 7)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
