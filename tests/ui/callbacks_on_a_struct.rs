use crampon::callbacks;

#[callbacks]
struct Live;

fn main() {}
