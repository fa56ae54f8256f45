//! The ticker: all prices, soon, and in the order of the market.

use std::collections::HashSet;

use crampon::protocol::sse::Event;
use crampon_tests::{Events, Example};
use serde_json::Value;

use crate::{expect_page, parsed};

/// Symbols on the market.
const SYMBOLS: usize = 200;

/// The next price a reader hears.
#[track_caller]
fn price(reader: &mut Events) -> Value {
    let Event { event: name, data, .. } = reader.event();
    assert_eq!(name, "price");
    parsed(&data)
}

/// What a price is of.
fn symbol(price: &Value) -> String {
    price["symbol"].as_str().expect("a price has a symbol").to_owned()
}

#[test]
fn a_round_of_the_market_has_every_price_once() {
    let ticker = Example::start("ticker", &["--every", "10ms"]);
    let mut readers = [(); 2].map(|()| ticker.events("/prices"));
    for reader in &mut readers {
        let prices: Vec<Value> = (0..2 * SYMBOLS).map(|_| price(reader)).collect();
        for round in prices.chunks(SYMBOLS) {
            let symbols: HashSet<String> = round.iter().map(symbol).collect();
            assert_eq!(symbols.len(), SYMBOLS);
        }
        for (before, after) in prices.iter().zip(&prices[SYMBOLS..]) {
            assert_eq!(symbol(before), symbol(after));
            let [from, to] = [before, after].map(|price| price["cents"].as_u64().unwrap_or(0));
            assert!(from.abs_diff(to) <= from / 200 + 1, "{before} does not jump to {after}");
            assert!(before["at"].as_u64() < after["at"].as_u64());
        }
    }
    expect_page(&ticker, "new EventSource(\"/prices\")");
    ticker.stop();
}
