use crampon::{action, callbacks};

#[action(transport = sse, keep_alve = "15s")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
