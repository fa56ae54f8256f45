use crampon::{action, callbacks};

#[action(transport = websocket, origins = own | "app.example")]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
