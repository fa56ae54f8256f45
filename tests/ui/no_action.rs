use crampon::action::Action;
use crampon::callbacks;

struct Live;

#[callbacks]
impl Live {}

fn route<A: Action>() {}

fn main() {
    route::<Live>();
}
