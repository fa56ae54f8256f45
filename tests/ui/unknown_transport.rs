use crampon::{action, callbacks};

#[action(transport = websocket | ssee)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
