//! A ticker: two hundred prices that never stand still, for readers fast and slow.
//!
//! ```sh
//! cargo run --example ticker          # then open http://127.0.0.1:3000/
//! curl -N http://127.0.0.1:3000/prices
//! curl -N --limit-rate 8k http://127.0.0.1:3000/prices    # slow: it gets fewer, and fresh ones
//! ```
//!
//! A price is a state: the newest of a symbol makes those before it worthless. The channel knows
//! (`latest_by`), and keeps for a slow reader only the newest of each. What the reader's browser
//! and the system have taken already nobody can take back; the page shows how much that is.

mod market;
mod price;

use crampon::prelude::*;
use crampon_examples::{address, duration, is_development, public};

use market::Market;
use price::{Price, SYMBOLS};

/// Its history is two rounds of the market, so that it holds a price of every symbol.
const PRICES: Channel<Price> =
    Channel::new("prices").event("price").history(2 * SYMBOLS).latest_by(|price| &price.symbol);

/// A reader of all prices: each as it stands, at once, and then as it moves.
#[action(transport = sse)]
struct Reader;

#[callbacks]
impl Reader {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(PRICES.replay(Replay::LatestPerKey));
    }
}

fn main() -> crampon::Result<()> {
    let market = Market::new(duration("--every", Duration::from_millis(50)));
    let routes = Routes::new().at("/prices", || Reader).files("/", public("ticker"));
    Server::bind(address())?.development(is_development()).service(market).serve(routes)
}
