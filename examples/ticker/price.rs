//! A price: what a symbol costs, and since when.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// What a symbol costs.
#[derive(Serialize)]
pub struct Price {
    pub symbol: String,
    pub cents: u64,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
}

impl Price {
    /// Moves up or down by half a percent at the most, as `chance` has it.
    pub fn walk(&mut self, chance: u64) {
        let step = self.cents / 200 + 1;
        let moved = self.cents + chance % (2 * step + 1);
        self.cents = moved.saturating_sub(step).max(CENTS_MIN);
        self.at = now();
    }
}

/// The first prices of the market, one of each symbol.
pub fn opening() -> Vec<Price> {
    let mut prices = Vec::with_capacity(SYMBOLS);
    for first in FIRST.chars() {
        for vowel in VOWELS.chars() {
            for rest in REST {
                let symbol = format!("{first}{vowel}{rest}");
                let cents = 1_000 + 37 * prices.len() as u64;
                prices.push(Price { symbol, cents, at: now() });
            }
        }
    }
    prices
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

/// Companies are named so that one can say it: ZENO, KIRA, VINO.
const FIRST: &str = "BCDFGHJKLMNPRSTVWXYZ";
const VOWELS: &str = "AEIOU";
const REST: [&str; 2] = ["NO", "RA"];

/// Symbols on the market.
pub const SYMBOLS: usize = FIRST.len() * VOWELS.len() * REST.len();

const CENTS_MIN: u64 = 100; // below a dollar a share is no longer traded
