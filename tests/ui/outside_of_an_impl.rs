#[crampon::on_finish]
fn bye() {}

fn main() {}
