use crampon::action;

struct Live;

#[action(transport = sse)]
impl Live {}

fn main() {}
