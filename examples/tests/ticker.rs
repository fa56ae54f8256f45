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

#[test]
fn who_arrives_gets_every_price_at_once() {
    let ticker = Example::start("ticker", &["--every", "3600s"]);
    let mut reader = ticker.events("/prices");
    let symbols: HashSet<String> = (0..SYMBOLS).map(|_| symbol(&price(&mut reader))).collect();
    assert_eq!(symbols.len(), SYMBOLS);
    ticker.stop();
}

#[test]
fn a_reader_who_sleeps_finds_fresh_prices_and_is_told_what_it_slept_through() {
    let ticker = Example::start("ticker", &["--every", "1ms"]);
    let mut slow = Events::open(ticker.connect_narrow(), "/prices");
    let mut fast = ticker.events("/prices");
    price(&mut slow);
    // Some three megabytes of prices.
    let newest = (0..40_000).map(|_| price(&mut fast)).last().expect("the market goes on");
    let newest = newest["at"].as_u64().expect("a price has its time");
    let (mut stale, mut superseded) = (0, 0);
    loop {
        let Event { event, data, .. } = slow.event();
        if event == "crampon.gap" {
            superseded += parsed(&data)["dropped"].as_u64().unwrap_or(0);
        } else if event == "price" {
            if parsed(&data)["at"].as_u64().is_some_and(|at| at + 1000 >= newest) {
                break;
            }
            stale += 1;
        }
    }
    assert!(superseded > 20_000, "{superseded} prices were superseded");
    assert!(stale < 5_000, "{stale} old prices came first, all of them in the system's buffers");
    ticker.stop();
}
