//! Runs that follow from seeds: many of them are played, and of those that fail the one that is
//! told in the fewest lines is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A run that chance decides.
pub trait Seeded: Sized {
    /// A run that follows from its seed, and keeps what happens in it if it `is_traced`.
    fn new(seed: u64, is_traced: bool) -> Self;

    /// Plays it.
    ///
    /// # Errors
    /// What did not hold.
    fn play(&mut self) -> Result<(), String>;

    /// What happened, line by line.
    fn trace(&self) -> &str;
}

/// Plays those that `failed_once`, `runs` from a seed that is always the same, and as many again
/// from one of the day; with `RUNS` set so many of each, with `SEED` set the one.
///
/// # Panics
/// If any fails, with its seed and all that happened in it.
pub fn play_seeds<R: Seeded>(failed_once: &[u64], runs: u64) {
    let number = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    let today = since.as_nanos() as u64;
    let runs = number("RUNS").unwrap_or(runs);
    let seeds: Vec<u64> = match number("SEED") {
        Some(seed) => vec![seed],
        None => {
            let bases = [0, today].into_iter().flat_map(|base| base..base + runs);
            failed_once.iter().copied().chain(bases).collect()
        }
    };
    println!("{} seeds, those of the day from {today}", seeds.len());
    let begun = Instant::now();
    let failures = seeds.iter().filter_map(|seed| play::<R>(*seed)).take(FAILURES);
    if let Some(told) = failures.min_by_key(|told| told.lines().count()) {
        panic!("{told}");
    }
    println!("{:.0} runs a second", seeds.len() as f64 / begun.elapsed().as_secs_f64());
}

/// Plays the run of a seed; what it did if it failed, for which it is played once more.
fn play<R: Seeded>(seed: u64) -> Option<String> {
    let outcome = |run: &mut R| {
        let played = catch_unwind(AssertUnwindSafe(|| run.play()));
        played.unwrap_or_else(|_| Err("something panicked".into()))
    };
    outcome(&mut R::new(seed, false)).err()?;
    let mut run = R::new(seed, true);
    let error = outcome(&mut run).expect_err("the same steps give the same run");
    Some(format!("SEED={seed}: {error}\n{}", run.trace()))
}

/// Failures that are looked for, to find one that is short.
const FAILURES: usize = 40;
