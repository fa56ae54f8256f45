use crampon::prelude::*;

struct Live;

impl Live {
    #[on_gap]
    fn missed(&mut self, _cx: &mut Context<Self>, _gap: &Gap) {}

    #[on_drain]
    fn drained(&mut self, _cx: &mut Context<Self>) {}
}

fn main() {}
