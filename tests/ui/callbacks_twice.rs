use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live;

#[callbacks]
impl Live {}

#[callbacks]
impl Live {}

fn main() {}
