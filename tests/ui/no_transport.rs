use crampon::{action, callbacks};

#[action]
struct Live;

#[callbacks]
impl Live {}

fn main() {}
