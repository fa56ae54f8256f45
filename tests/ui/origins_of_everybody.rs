use crampon::{action, callbacks};

#[action(transport = websocket, origins = "https://*.org")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
