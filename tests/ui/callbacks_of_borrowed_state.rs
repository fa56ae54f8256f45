use crampon::action::Action;
use crampon::{action, callbacks};

#[action(transport = sse)]
struct Live<S> {
    _source: S,
}

#[callbacks]
impl<S> Live<S> {}

fn route<A: Action>(_action: A) {}

fn main() {
    let source = String::new();
    route(Live { _source: source.as_str() });
}
