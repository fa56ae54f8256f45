//! The shortest answer there is.

use crampon::prelude::*;

/// Says hello.
#[action(transport = regular)]
pub struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.set_header("content-type", "text/plain");
        cx.render("hello");
        cx.finish();
    }
}
