use crampon::{action, callbacks, service};

#[action(transport = sse)]
#[service]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
