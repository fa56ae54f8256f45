//! What callgrind noted: instructions, where they were spent, and calls of who hands out memory.

use std::collections::BTreeMap;
use std::io;

/// What one part of a profile adds up to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub instructions: u64,
    pub allocations: u64,
    /// Where the instructions were spent.
    by_function: BTreeMap<String, Spent>,
    /// Allocations by the function that asked for them.
    by_asker: BTreeMap<String, u64>,
}

/// Instructions spent in a function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// By itself.
    pub own: u64,
    /// With all that it called; more than that if it calls itself.
    pub in_all: u64,
    /// Its own by the file their lines are in, which for what was inlined is another one. Empty
    /// where lines are not known.
    by_file: BTreeMap<String, u64>,
}

impl Profile {
    /// Adds up a part whose names are written out (`--compress-strings=no`).
    ///
    /// # Errors
    /// That it has no total.
    pub fn read(part: &str) -> io::Result<Self> {
        let mut instructions = None;
        let mut by_function = BTreeMap::<_, Spent>::new();
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
                let count = line.split(' ').nth(1).map_or(0, first_number);
                let spent = by_function.entry(function.to_owned()).or_default();
                spent.in_all += count;
                // The line after a call is what was spent in it, which is not the caller's own.
                if !std::mem::take(&mut is_call) {
                    spent.own += count;
                    *spent.by_file.entry(file_end(file)).or_default() += count;
                }
            }
        }
        let instructions = instructions.ok_or(io::Error::other("a profile without a total"))?;
        let allocations = by_asker.values().sum();
        Ok(Self { instructions, allocations, by_function, by_asker })
    }

    /// So many functions, those first in which most was spent by themselves.
    pub fn dearest(&self, count: usize) -> Vec<(&str, &Spent)> {
        greatest(&self.by_function, count, |spent| spent.own)
    }

    /// So many functions, those first that asked for memory most often.
    pub fn greediest(&self, count: usize) -> Vec<(&str, &u64)> {
        greatest(&self.by_asker, count, |asked| *asked)
    }
}

impl Spent {
    /// So many files, those first whose lines cost most.
    pub fn dearest_files(&self, count: usize) -> Vec<(&str, &u64)> {
        greatest(&self.by_file, count, |spent| *spent)
    }
}

fn greatest<T>(all: &BTreeMap<String, T>, count: usize, figure: fn(&T) -> u64) -> Vec<(&str, &T)> {
    let mut all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value)).collect();
    all.sort_by_key(|(_, value)| std::cmp::Reverse(figure(value)));
    all.truncate(count);
    all
}

/// The last steps of a file's path, which tell it from others.
fn file_end(file: &str) -> String {
    let start = file.rmatch_indices('/').nth(FILE_STEPS - 1).map_or(0, |(slash, _)| slash + 1);
    file[start..].to_owned()
}

fn first_number(words: &str) -> u64 {
    words.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Those of the C library who hand out memory, which is where Rust has it from.
const HANDS_OUT: [&str; 5] = ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"];

/// Steps of a file's path that are told.
const FILE_STEPS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_who_hands_out_memory_are_counted_and_not_what_is_spent_in_them() {
        let part = "\
events: Ir

fl=/home/core/src/server/connection.rs
fn=server::open
12 12
fi=/rust/library/core/src/option.rs
40 18
fe=/home/core/src/server/connection.rs
cfn=malloc
calls=3 0
12 300
cfn=free
calls=5 0
12 400
fl=???
fn=raw_vec::grow
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
        let spent = |(name, spent): (_, &Spent)| (name, spent.own, spent.in_all);
        let dearest = [("server::open", 30, 730), ("raw_vec::grow", 7, 187)];
        assert_eq!(profile.dearest(2).into_iter().map(spent).collect::<Vec<_>>(), dearest);
        assert_eq!(profile.dearest(1)[0].1.dearest_files(1), [("core/src/option.rs", &18)]);
        assert_eq!(profile.greediest(2), [("server::open", &3), ("raw_vec::grow", &2)]);
    }

    #[test]
    fn a_part_that_was_not_written_to_its_end_is_an_error() {
        assert!(Profile::read("events: Ir\n\nfn=main\n0 7\n").is_err());
    }
}
