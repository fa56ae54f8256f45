use crampon::{action, callbacks};

#[action(keep_alive = off)]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
