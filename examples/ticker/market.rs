//! The market: a service, because its prices move whether anybody looks or not.

use std::hash::{BuildHasher, RandomState};

use crampon::prelude::*;

use crate::PRICES;
use crate::price::{self, Price};

/// Moves some prices at a time, in turn, so that each moves once in a round.
#[service]
pub struct Market {
    prices: Vec<Price>,
    every: Duration,
    /// Moves there were.
    moves: usize,
    random: RandomState,
}

impl Market {
    /// A market that moves a part of its prices every so often.
    pub fn new(every: Duration) -> Self {
        Self { prices: price::opening(), every, moves: 0, random: RandomState::new() }
    }

    fn pace(&self) -> Duration {
        self.every
    }
}

#[callbacks]
impl Market {
    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) {
        for price in &self.prices {
            cx.publish(PRICES, price);
        }
    }

    #[periodic_timer(every = Self::pace)]
    fn trade(&mut self, cx: &mut Context<Self>) {
        for _ in 0..MOVES_AT_A_TIME {
            let index = self.moves % self.prices.len();
            let price = &mut self.prices[index];
            price.walk(self.random.hash_one(self.moves));
            cx.publish(PRICES, &*price);
            self.moves += 1;
        }
    }
}

const MOVES_AT_A_TIME: usize = 40; // of 200: at 20 times a second, each price moves four times
