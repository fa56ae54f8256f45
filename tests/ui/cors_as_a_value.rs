use crampon::{action, callbacks};

#[action(transport = sse, cors = any)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
