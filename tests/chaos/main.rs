//! Chaos: a house full of visitors, some of them hostile, in any weather. Whatever happens, what
//! must hold does: each action finishes once and hears nothing after it, nothing of the departed is
//! left, what waits is bounded, every peer hears what the standards allow, and what is owed comes.
//!
//! Each run follows from its seed. A run that fails prints it with all that happened;
//! `SEED=.. cargo test -p crampon-tests --test chaos` plays it again, and `RUNS=..` plays as many
//! as that from a seed nobody has seen.

mod asking;
mod cutting;
mod found;
mod run;
mod visitor;

use crampon_tests::play_seeds;

use run::Run;

/// Runs from a seed that is always the same, and as many again from one of the day.
const RUNS: u64 = 150;

#[test]
fn whatever_happens_what_must_hold_does() {
    play_seeds::<Run>(&[], RUNS);
}
