use crampon::{action, callbacks};

#[action(transport = websocket, messages_per_second_max = "10")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
