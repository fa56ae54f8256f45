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

#[path = "../delivery/chance.rs"]
mod chance;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use run::Run;

/// Runs from a seed that is always the same, and as many again from one of the day.
const RUNS: u64 = 150;

/// Failures that are looked for, to show the one that is told in the fewest lines.
const FAILURES: usize = 10;

#[test]
fn whatever_happens_what_must_hold_does() {
    let number = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    let today = since.as_nanos() as u64;
    let seeds: Vec<u64> = match (number("SEED"), number("RUNS")) {
        (Some(seed), _) => vec![seed],
        (None, Some(runs)) => (today..today + runs).collect(),
        (None, None) => [0, today].into_iter().flat_map(|base| base..base + RUNS).collect(),
    };
    println!("{} seeds, the last {:?}", seeds.len(), seeds.last());
    let begun = Instant::now();
    let failures = seeds.iter().filter_map(|seed| play(*seed)).take(FAILURES);
    if let Some(told) = failures.min_by_key(|told| told.lines().count()) {
        panic!("{told}");
    }
    println!("{:.0} runs a second", seeds.len() as f64 / begun.elapsed().as_secs_f64());
}

/// Plays the run of a seed; what it did if it failed, for which it is played once more.
fn play(seed: u64) -> Option<String> {
    let outcome = |run: &mut Run| {
        let played = catch_unwind(AssertUnwindSafe(|| run.play()));
        played.unwrap_or_else(|_| Err("something panicked".into()))
    };
    outcome(&mut Run::new(seed, false)).err()?;
    let mut run = Run::new(seed, true);
    let error = outcome(&mut run).expect_err("the same steps give the same run");
    Some(format!("SEED={seed}: {error}\n{}", run.trace()))
}
