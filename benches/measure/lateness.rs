//! How late things were: the median, the 99th percentile, the worst.

use std::fmt;
use std::time::Duration;

/// Latenesses, gathered.
#[derive(Default)]
pub struct Lateness {
    all: Vec<Duration>,
}

impl Lateness {
    pub fn note(&mut self, late: Duration) {
        self.all.push(late);
    }
}

impl fmt::Display for Lateness {
    /// In milliseconds: `p50 0.42, p99 1.13, max 2.01 of 10000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = self.all.clone();
        all.sort_unstable();
        let Some(last) = all.len().checked_sub(1) else { return f.write_str("never") };
        let at = |part: usize| all[last * part / 100].as_secs_f64() * 1e3;
        let (median, most, worst) = (at(50), at(99), at(100));
        write!(f, "p50 {median:.2}, p99 {most:.2}, max {worst:.2} ms of {}", all.len())
    }
}
