use crampon::{action, callbacks};

#[action(transport = sse, write_timeout = "0s")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
