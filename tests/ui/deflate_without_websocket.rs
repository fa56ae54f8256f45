use crampon::{action, callbacks};

#[action(transport = sse, deflate = shared)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
