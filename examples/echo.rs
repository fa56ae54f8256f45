//! A WebSocket that greets with the path it was connected to, and answers every message.
//!
//! ```sh
//! cargo run --example echo            # then open http://127.0.0.1:3000/ and type
//! ```
//!
//! `/echo` and everything below it is the same socket: the greeting says which. A binary message
//! closes it with 1003, because `answer` takes text; take `Data<'_>` to hear both.

use crampon::prelude::*;
use crampon_examples::{address, is_development, public};

#[action(transport = websocket)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render(format!("Connected to {}", cx.path()));
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, message: &str) {
        cx.render(format!("Pong: {message}"));
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        info!(reason = %cx.finish_reason(), "the socket was closed");
    }
}

fn main() -> crampon::Result<()> {
    let routes =
        Routes::new().at("/echo", || Echo).at("/echo/{*rest}", || Echo).files("/", public("echo"));
    Server::bind(address())?.development(is_development()).serve(routes)
}
