use crampon::{action, callbacks};

#[action(transport = websocket, deflate = dedicate)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
