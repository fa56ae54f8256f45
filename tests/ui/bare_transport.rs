use crampon::{action, callbacks};

#[action(sse)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
