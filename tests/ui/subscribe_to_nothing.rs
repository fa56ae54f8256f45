use crampon::{action, callbacks};

#[action(transport = sse, subscribe = [])]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
