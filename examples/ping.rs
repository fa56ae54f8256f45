//! A slow answer, told while it is made: five pings, a second apart, then goodbye.
//!
//! ```sh
//! cargo run --example ping
//! curl -N http://127.0.0.1:3000/      # -N: show each chunk as it comes
//! ```
//!
//! Each render is one chunk of the body. The last chunk follows `finish`, so curl knows that it has
//! heard all of it; stop the server meanwhile and it knows that too.

use crampon::prelude::*;
use crampon_examples::{address, is_development};

#[action(transport = chunked)]
#[derive(Default)]
struct Pings {
    sent: u32,
}

#[callbacks]
impl Pings {
    #[before_start]
    fn announce(&mut self, cx: &mut Context<Self>) {
        cx.set_header("content-type", "text/plain; charset=utf-8");
    }

    #[on_start]
    #[periodic_timer(every = "1s")]
    fn ping(&mut self, cx: &mut Context<Self>) {
        if self.sent == PINGS {
            cx.render("ok, bye!\n");
            return cx.finish();
        }
        self.sent += 1;
        cx.render("ping\n\n");
    }
}

/// Pings in one answer: enough to see them come one by one.
const PINGS: u32 = 5;

fn main() -> crampon::Result<()> {
    let routes = Routes::new().at("/", Pings::default);
    Server::bind(address())?.development(is_development()).serve(routes)
}
