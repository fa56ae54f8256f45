use crampon::{action, callbacks};

#[action(transport = sse, body_bytes_max = "1MB")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
