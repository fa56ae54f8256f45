use crampon::{action, callbacks};

#[action(transport = sse, poll_timeout = "30s")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
