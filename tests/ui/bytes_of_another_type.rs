use crampon::{action, callbacks};

#[action(transport = sse, body_bytes_max = 1024_u32)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
