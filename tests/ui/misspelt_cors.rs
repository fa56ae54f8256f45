use crampon::{action, callbacks};

#[action(transport = sse, cors(origin = "https://app.example"))]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
