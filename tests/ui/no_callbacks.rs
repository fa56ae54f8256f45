use crampon::action;

#[action(transport = sse)]
struct Live;

fn main() {}
