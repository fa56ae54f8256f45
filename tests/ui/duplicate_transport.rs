use crampon::{action, callbacks};

#[action(transport = sse | chunked | sse)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
