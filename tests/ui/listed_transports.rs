use crampon::{action, callbacks};

#[action(transport = [sse, websocket])]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
