//! Counts what the units of a path cost, in runs of the subject under one counter each.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use crate::callgrind::Profile;
use crate::cost::Cost;
use crate::house::{Counter, House};
use crate::paths::Path;
use crate::strace::Calls;

/// What was counted of a path.
pub struct Counted {
    pub cost: Cost,
    /// What the subject took the processor for, as callgrind shows it one.
    pub processor: String,
    /// Where the instructions of one part went.
    pub profile: Profile,
}

/// Where counters note what they count; removed when dropped.
pub struct Desk(PathBuf);

impl Desk {
    /// # Errors
    /// When there is no place for temporary files.
    pub fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("crampon-costs-{}", std::process::id()));
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }

    /// Counts what the units of a path cost the subject.
    ///
    /// # Errors
    /// What went wrong on the way.
    pub fn count(&self, path: &Path, subject: &FilePath) -> io::Result<Counted> {
        let notes = |counter: &str| self.0.join(format!("{}.{counter}", path.name));
        let (callgrind, strace) = (notes("callgrind"), notes("strace"));
        let processor = play(path, subject, Counter::Callgrind, &callgrind)?;
        let mut profiles = Vec::new();
        for part in COUNTED {
            let notes = callgrind.with_extension(format!("callgrind.{}", part + 1));
            profiles.push(Profile::read(&fs::read_to_string(notes)?)?);
        }
        play(path, subject, Counter::Strace, &strace)?;
        let calls = Calls::read(&fs::read_to_string(strace)?);
        let calls = calls.get(COUNTED).ok_or(io::Error::other("a trace lacks parts"))?;
        let counts = [
            median(profiles.iter().map(|profile| profile.instructions)),
            median(profiles.iter().map(|profile| profile.allocations)),
            median(calls.iter().map(Calls::count)),
            median(calls.iter().map(|calls| calls.waits)),
        ];
        let cost = Cost::of_each(counts, path.units * path.rounds);
        let profile = profiles.swap_remove(PARTS / 2);
        Ok(Counted { cost, processor, profile })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What remains is in a folder for what is temporary.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Plays a path part by part: until it has settled, and then what is counted, between marks.
///
/// Returns what the subject takes the processor for.
fn play(path: &Path, subject: &FilePath, counter: Counter, notes: &FilePath) -> io::Result<String> {
    let mut house = House::open(subject, path.role, counter, notes)?;
    let mut scene = (path.open)(&mut house)?;
    for _ in 0..PARTS * path.rounds as usize {
        scene(&mut house)?;
    }
    house.mark()?;
    for _ in COUNTED {
        for _ in 0..path.rounds {
            scene(&mut house)?;
        }
        house.mark()?;
    }
    let processor = house.processor.clone();
    house.close()?;
    Ok(processor)
}

fn median(counts: impl Iterator<Item = u64>) -> u64 {
    let mut counts: Vec<_> = counts.collect();
    counts.sort_unstable();
    counts[counts.len() / 2]
}

/// Parts that are counted, the median of which counts: what is done by the clock, such as once a
/// second, is in one or two of them.
const PARTS: usize = 5;

/// Their places: before them is what came before, after them the end.
const COUNTED: Range<usize> = 1..1 + PARTS;
