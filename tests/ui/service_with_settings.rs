use crampon::{callbacks, service};

#[service(transport = sse)]
struct Sampler;

#[callbacks]
impl Sampler {}

fn main() {}
