//! Measures what only a server of one's own can show, on two cores of this machine.
//!
//! How late ten thousand timers are called, and what ten readers who never read cost a thousand who
//! do. What a message or a connection costs beside other servers, `scripts/side_by_side` measures.
//!
//! `scripts/measure` builds it and runs it; words after it choose the rows whose names have them.

mod late;
mod lateness;
mod slow;
mod subject;

use std::io;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(subject::ROLE) => subject::serve(),
        _ => measure(&arguments),
    }
}

fn measure(chosen: &[String]) -> io::Result<()> {
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word));
    for name in late::WIRES {
        if is_chosen(name) {
            late::measure(name)?;
        }
    }
    for policy in slow::POLICIES {
        if is_chosen(&format!("slow {policy}")) {
            slow::measure(policy)?;
        }
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
