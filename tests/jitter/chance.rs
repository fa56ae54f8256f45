//! Chance: the same numbers from the same seed (SplitMix64, Steele, Lea and Flood, 2014).

use std::time::Duration;

/// A sequence of random numbers.
pub struct Chance(u64);

impl Chance {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }

    /// A time between two, to the millisecond.
    pub fn between(&mut self, [least, most]: [Duration; 2]) -> Duration {
        let span = (most - least).as_millis() as u64;
        least + Duration::from_millis(self.below(span + 1))
    }
}
