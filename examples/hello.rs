//! The smallest application: an action, a route, a server.
//!
//! ```sh
//! cargo run --example hello
//! curl http://127.0.0.1:3000/         # Hello, World!
//! curl http://127.0.0.1:3000/Ada      # Hello, Ada!
//! curl http://127.0.0.1:3000/?name=Ada
//! ```
//!
//! A fresh `Hello` is made for every request. It is `regular`: what it renders is the body, and the
//! answer goes out when it finishes. Change `regular` to `chunked` or `sse` and ask again.

use crampon::prelude::*;
use crampon_examples::{address, is_development};

#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let name = cx.param_or("name", "World".to_owned())?;
        cx.set_header("content-type", "text/plain; charset=utf-8");
        cx.render(format!("Hello, {name}!\n"));
        cx.finish();
        Ok(())
    }
}

fn main() -> crampon::Result<()> {
    let routes = Routes::new().at("/", || Hello).at("/{name}", || Hello);
    Server::bind(address())?.development(is_development()).serve(routes)
}
