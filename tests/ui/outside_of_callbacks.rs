use crampon::action::Context;

struct Live;

impl Live {
    #[crampon::on_start]
    #[crampon::periodic_timer(every = "15s")]
    fn latest(&mut self, _cx: &mut Context<Self>) {}
}

fn main() {}
