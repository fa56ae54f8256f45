use crampon::{action, callbacks};

#[action(transport = sse, cors(origins = any, credentials))]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
