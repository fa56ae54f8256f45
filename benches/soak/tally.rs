//! What was seen of the guests of each kind, for the table at the end.

use std::collections::BTreeMap;
use std::fmt;

use crate::guest::Fate;
use crate::kind::KINDS;

/// Counts by kind, and the complaints of those who were wronged.
#[derive(Default)]
pub struct Tally {
    kinds: BTreeMap<&'static str, Counts>,
    complaints: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Counts {
    came: u64,
    left: u64,
    ended: u64,
    wronged: u64,
}

impl Tally {
    /// One has come.
    pub fn came(&mut self, kind: &'static str) {
        self.kinds.entry(kind).or_default().came += 1;
    }

    /// One has gone.
    pub fn gone(&mut self, kind: &'static str, fate: Fate) {
        let counts = self.kinds.entry(kind).or_default();
        match fate {
            Fate::Stays => {}
            Fate::Left => counts.left += 1,
            Fate::Ended => counts.ended += 1,
            Fate::Wronged(how) => {
                counts.wronged += 1;
                *self.complaints.entry(format!("{kind}: {how}")).or_default() += 1;
            }
        }
    }

    /// How many were wronged.
    pub fn wronged(&self) -> u64 {
        self.kinds.values().map(|counts| counts.wronged).sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [came, left, ended] = ["came", "left", "were ended"];
        writeln!(f, "{:<26}{came:>10}{left:>10}{ended:>12}{:>14}", "guests", "were wronged")?;
        for kind in KINDS {
            let Some(counts) = self.kinds.get(kind.name) else { continue };
            let Counts { came, left, ended, wronged } = counts;
            writeln!(f, "  {:<24}{came:>10}{left:>10}{ended:>12}{wronged:>14}", kind.name)?;
        }
        for (complaint, times) in &self.complaints {
            writeln!(f, "  {times} times {complaint}")?;
        }
        Ok(())
    }
}
