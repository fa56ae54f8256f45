use crampon::{action, callbacks};

#[action(transport = websocket, origins = anny)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
