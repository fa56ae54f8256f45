use crampon::{action, callbacks};

#[action(transport = tcp)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
