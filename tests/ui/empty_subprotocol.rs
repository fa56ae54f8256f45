use crampon::{action, callbacks};

#[action(transport = websocket, subprotocols = ["chat", ""])]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
