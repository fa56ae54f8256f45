//! Delivery, at random: whatever befalls a reader and its server, it hears all that is published,
//! once and in order, or is told of the gap.
//!
//! Each run follows from its seed. A run that fails prints it with all that happened;
//! `SEED=.. cargo test -p crampon-tests --test delivery` plays it again, and `RUNS=..` plays as
//! many as that from a seed nobody has seen.

mod channels;
mod ear;
mod house;
mod judgement;
mod reader;
mod run;
mod truth;
mod way;

use crampon_tests::play_seeds;

use run::Run;

/// Runs from a seed that is always the same, and as many again from one of the day.
const RUNS: u64 = 1_000;

/// Seeds of runs that failed once: a stream in a crowd, its gap answered with a snapshot in a tick
/// in which more was said, was told that it stood before that.
const FAILED_ONCE: [u64; 1] = [4640];

#[test]
fn nothing_is_lost_or_doubled_or_out_of_order_without_a_gap_being_told() {
    play_seeds::<Run>(&FAILED_ONCE, RUNS);
}
