use crampon::action;

#[action(transport = sse)]
fn live() {}

fn main() {}
