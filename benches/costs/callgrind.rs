//! What callgrind noted: instructions, where they were spent, and calls of who hands out memory.

use std::collections::BTreeMap;
use std::io;

/// What one part of a profile adds up to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub instructions: u64,
    pub allocations: u64,
    /// Instructions by the function they are part of; where lines are known, by its file too,
    /// which is another one for what was inlined.
    by_function: BTreeMap<String, u64>,
    /// Allocations by the function that asked for them.
    by_asker: BTreeMap<String, u64>,
}

impl Profile {
    /// Adds up a part whose names are written out (`--compress-strings=no`).
    ///
    /// # Errors
    /// That it has no total.
    pub fn read(part: &str) -> io::Result<Self> {
        let mut instructions = None;
        let mut by_function = BTreeMap::<_, u64>::new();
        let mut by_asker = BTreeMap::<_, u64>::new();
        let (mut function, mut file) = ("", "");
        let (mut hands_out, mut is_call) = (false, false);
        for line in part.lines() {
            if let Some((key, value)) = line.split_once('=') {
                match key {
                    "fn" => function = value,
                    "fl" | "fi" | "fe" => file = value,
                    "cfn" => hands_out = HANDS_OUT.contains(&value),
                    "calls" => {
                        is_call = true;
                        if hands_out {
                            *by_asker.entry(function.to_owned()).or_default() +=
                                first_number(value);
                        }
                    }
                    _ => {}
                }
            } else if let Some(total) = line.strip_prefix("totals:") {
                instructions = total.trim().parse().ok();
            } else if line.starts_with(|at: char| at.is_ascii_digit() || "+-*".contains(at)) {
                // The line after a call is what was spent in it, which is not the caller's own.
                if !std::mem::take(&mut is_call) {
                    let spent = line.split(' ').nth(1).map_or(0, first_number);
                    *by_function.entry(named(function, file)).or_default() += spent;
                }
            }
        }
        let instructions = instructions.ok_or(io::Error::other("a profile without a total"))?;
        let allocations = by_asker.values().sum();
        Ok(Self { instructions, allocations, by_function, by_asker })
    }

    /// So many functions, those first in which most was spent themselves.
    pub fn dearest(&self, count: usize) -> Vec<(&str, u64)> {
        greatest(&self.by_function, count)
    }

    /// So many functions, those first that asked for memory most often.
    pub fn greediest(&self, count: usize) -> Vec<(&str, u64)> {
        greatest(&self.by_asker, count)
    }
}

fn greatest(figures: &BTreeMap<String, u64>, count: usize) -> Vec<(&str, u64)> {
    let mut all: Vec<_> = figures.iter().map(|(name, figure)| (name.as_str(), *figure)).collect();
    all.sort_by_key(|(_, figure)| std::cmp::Reverse(*figure));
    all.truncate(count);
    all
}

/// A function with the file that its instructions are from, if that is known.
fn named(function: &str, file: &str) -> String {
    match file {
        "" | "???" => function.to_owned(),
        _ => {
            let steps: Vec<_> = file.rsplit('/').take(FILE_STEPS).collect();
            let end: Vec<_> = steps.into_iter().rev().collect();
            format!("{function} [{}]", end.join("/"))
        }
    }
}

fn first_number(words: &str) -> u64 {
    words.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Those of the C library who hand out memory, which is where Rust has it from.
const HANDS_OUT: [&str; 5] = ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"];

/// Steps of a file's path that tell it from others.
const FILE_STEPS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_who_hands_out_memory_are_counted_and_not_what_is_spent_in_them() {
        let part = "\
events: Ir

fn=crampon::server::connection::open
12 30
cfn=malloc
calls=3 0
12 300
cfn=free
calls=5 0
12 400
fn=alloc::raw_vec::grow
0 7
cfn=realloc
calls=2 0
0 90
cfn=malloc_consolidate
calls=1 0
0 90

totals: 827
";
        let profile = Profile::read(part).expect("it has a total");
        assert_eq!((profile.instructions, profile.allocations), (827, 5));
        let dearest = [("crampon::server::connection::open", 30), ("alloc::raw_vec::grow", 7)];
        assert_eq!(profile.dearest(2), dearest);
        let greediest = [("crampon::server::connection::open", 3), ("alloc::raw_vec::grow", 2)];
        assert_eq!(profile.greediest(2), greediest);
    }

    #[test]
    fn a_part_that_was_not_written_to_its_end_is_an_error() {
        assert!(Profile::read("events: Ir\n\nfn=main\n0 7\n").is_err());
    }
}
