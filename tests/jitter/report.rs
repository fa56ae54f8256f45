//! The report: what became of a crowd, for people to read.

use std::fmt;
use std::time::Duration;

use super::{CLIENTS, EVENTS};

#[derive(Default)]
pub struct Report {
    /// Events heard in their turn, over all clients.
    pub delivered: u64,
    /// Connections cut.
    pub cuts: u64,
    /// From a client's coming back until it had heard all that was said before.
    pub catching_up: Vec<Duration>,
    /// What should not have been heard, the first few of it.
    pub faults: Vec<String>,
}

impl Report {
    pub const EXPECTED: u64 = EVENTS * CLIENTS as u64;

    /// Notes what should not have happened to a client.
    pub fn blame(&mut self, client: usize, fault: String) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(format!("client {client}: {fault}"));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = Self::EXPECTED;
        let percent = self.delivered as f64 * 100.0 / expected as f64;
        writeln!(f, "delivered {} of {expected} events ({percent:.3} %)", self.delivered)?;
        let mut all = self.catching_up.clone();
        all.sort_unstable();
        let at = |part: usize| all.get(all.len() * part / 100).or(all.last()).copied();
        let [median, most] = [50, 99].map(|part| at(part).unwrap_or_default().as_secs_f64() * 1e3);
        write!(f, "{} cuts; {} times caught up again, ", self.cuts, all.len())?;
        write!(f, "p50 {median:.2} ms, p99 {most:.2} ms after coming back")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}

/// Faults that are kept: enough to see what they have in common.
const FAULTS_MAX: usize = 20;
