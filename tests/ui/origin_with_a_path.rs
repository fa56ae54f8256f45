use crampon::{action, callbacks};

#[action(transport = websocket, origins = "https://app.example/chat")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
