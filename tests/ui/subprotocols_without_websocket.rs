use crampon::{action, callbacks};

#[action(transport = sse, subprotocols = ["chat"])]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
