//! Holds the hot paths to what they cost: instructions, allocations and calls of the system.
//!
//! `scripts/costs` builds it and runs it. For each path a server in release profile is run under
//! callgrind and under strace, its loop turned by hand while clients play the same rounds. What a
//! unit of the path costs is held against `benches/costs.txt`: a rise by more than 5 % fails.
//! Words choose the paths whose names have them. `--record` writes what is counted into the file,
//! for the chosen paths; `--profile` tells in which functions the instructions are spent.

mod callgrind;
mod cost;
mod count;
mod house;
mod party;
mod paths;
mod report;
mod scenes;
mod strace;
mod table;

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path as FilePath, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;

use count::{Counted, Desk};
use paths::{PATHS, Path};
use report::Report;
use table::Table;

/// What is to be done with what is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    Check,
    Record,
    Profile,
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    })
}

fn run() -> io::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1).peekable();
    let subject = arguments.next().map(PathBuf::from);
    let subject = subject.ok_or(io::Error::other("which subject? `scripts/costs` knows"))?;
    let task = match arguments.peek().map(String::as_str) {
        Some("--record") => Task::Record,
        Some("--profile") => Task::Profile,
        _ => Task::Check,
    };
    let words: Vec<String> = arguments.skip(usize::from(task != Task::Check)).collect();
    let counted = count_all(&chosen(&words)?, &subject)?;
    match task {
        Task::Check => check(&counted, words.is_empty()),
        Task::Record => record(&counted, words.is_empty()),
        Task::Profile => {
            counted.iter().for_each(|(path, counted)| report::print_dearest(path, counted));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The paths whose names have one of the words, all if there is none, and those they are held to.
fn chosen(words: &[String]) -> io::Result<Vec<&'static Path>> {
    let names = |word: &String| PATHS.iter().any(|path| path.name.contains(word.as_str()));
    if let Some(word) = words.iter().find(|word| !names(word)) {
        let names: Vec<_> = PATHS.iter().map(|path| path.name).collect();
        let none = format!("no path has `{word}` in its name; there are {}", names.join(", "));
        return Err(io::Error::other(none));
    }
    let has_word = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    let likes: Vec<_> =
        PATHS.iter().filter(|path| has_word(path.name)).filter_map(|path| path.like).collect();
    Ok(PATHS.iter().filter(|path| has_word(path.name) || likes.contains(&path.name)).collect())
}

/// Counts each path, several at a time: that changes no figure.
fn count_all<'a>(chosen: &[&'a Path], subject: &FilePath) -> io::Result<Vec<(&'a Path, Counted)>> {
    let desk = Desk::new()?;
    let left = Mutex::new(chosen.iter().copied().enumerate().collect::<VecDeque<_>>());
    let counted = Mutex::new(Vec::new());
    let work = || -> io::Result<()> {
        loop {
            let next = left.lock().expect("nobody panics with it").pop_front();
            let Some((at, path)) = next else { return Ok(()) };
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("`{}`: {error}", path.name))
            };
            let one = desk.count(path, subject).map_err(named)?;
            counted.lock().expect("nobody panics with it").push((at, path, one));
        }
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker returns errors"))
    })?;
    let mut counted = counted.into_inner().expect("nobody panics with it");
    counted.sort_by_key(|(at, ..)| *at);
    Ok(counted.into_iter().map(|(_, path, one)| (path, one)).collect())
}

/// Holds what was counted against what is kept.
fn check(counted: &[(&Path, Counted)], is_all: bool) -> io::Result<ExitCode> {
    let kept = fs::read_to_string(KEPT).map_err(|error| {
        io::Error::new(error.kind(), format!("no figures are kept in `{KEPT}`: {error}"))
    })?;
    let kept = Table::read(&kept).map_err(io::Error::other)?;
    let mut report = Report::new(&kept, means(counted)?);
    for (path, counted) in counted {
        report.hold(path, counted.cost);
    }
    if is_all {
        report.hold_names(PATHS);
    }
    print!("{report}");
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes what was counted into what is kept.
fn record(counted: &[(&Path, Counted)], is_all: bool) -> io::Result<ExitCode> {
    let means = means(counted)?;
    let kept = match fs::read_to_string(KEPT) {
        Ok(kept) => Table::read(&kept).map_err(io::Error::other)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Table::default(),
        Err(error) => return Err(error),
    };
    if !is_all && kept.means != means {
        let wrong = format!(
            "the others were counted with {}, and these with {means}: record all",
            kept.means
        );
        return Err(io::Error::other(wrong));
    }
    let mut table = Table::of(means);
    for path in PATHS {
        let now = counted.iter().find(|(now, _)| now.name == path.name);
        let cost = now.map(|(_, counted)| counted.cost).or_else(|| kept.cost(path.name));
        if let Some(cost) = cost {
            table.push(path.name, path.unit, cost);
        }
    }
    fs::write(KEPT, table.to_string())?;
    print!("{table}");
    Ok(ExitCode::SUCCESS)
}

/// With what it was counted: compiler, counter, library, and the processor that is presented.
fn means(counted: &[(&Path, Counted)]) -> io::Result<String> {
    let mut means = String::new();
    for command in [["rustc", "--version"], ["valgrind", "--version"], GLIBC_VERSION] {
        let output = Command::new(command[0]).arg(command[1]).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        means += said.split(" (").next().unwrap_or_default().trim();
        means += ", ";
    }
    means += counted.first().map_or("", |(_, counted)| &counted.processor);
    Ok(means)
}

/// The command that tells which C library there is.
const GLIBC_VERSION: [&str; 2] = ["getconf", "GNU_LIBC_VERSION"];

/// The file of figures.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/costs.txt");
