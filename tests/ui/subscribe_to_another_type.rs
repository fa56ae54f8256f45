use crampon::{action, callbacks};

const PORT: u16 = 7;

#[action(transport = sse, subscribe = ["room", PORT])]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
