//! Measures a server against the least a server can do, on two cores of this machine.
//!
//! `measure` starts two servers on one core: the subject, which is Crampon, and the floor, which
//! receives and sends the same bytes without reading them. From the other core it loads both in
//! turn, and prints what a message costs in processor time: the median of each, and their ratio.
//! Then what an idle connection costs in memory, how late ten thousand timers are, and what ten
//! readers who never read cost a thousand who do.
//!
//! `scripts/measure` builds it and runs it; words after it choose the rows whose names have them.

mod floor;
mod idle;
mod lateness;
mod load;
mod slow;
mod subject;
mod ticks;
mod workload;

use std::io;
use std::time::Duration;

use crampon_benches::Child;

use load::Load;
use workload::{WORKLOADS, Workload};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(subject::ROLE) => subject::serve(),
        Some(floor::ROLE) => floor::serve(),
        _ => measure(&arguments),
    }
}

fn measure(chosen: &[String]) -> io::Result<()> {
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word));
    println!(
        "{:<24}{:>12}{:>12}{:>9}{:>12}",
        "us a message", "floor", "crampon", "ratio", "a second"
    );
    for workload in WORKLOADS.iter().filter(|workload| is_chosen(workload.name)) {
        compare(workload)?;
    }
    for (name, path) in [("idle websocket", "/echo"), ("idle sse", "/feed")] {
        if is_chosen(name) {
            idle::measure(name, path)?;
        }
    }
    for (name, path) in [("tick websocket", "/clock"), ("tick sse", "/clock")] {
        if is_chosen(name) {
            ticks::measure(name, path)?;
        }
    }
    for policy in slow::POLICIES {
        if is_chosen(&format!("slow {policy}")) {
            slow::measure(policy)?;
        }
    }
    Ok(())
}

/// Loads floor and subject in turn, and prints the row of a workload.
fn compare(workload: &Workload) -> io::Result<()> {
    let subject = Child::start(&[subject::ROLE])?;
    let unit = workload.probe(subject.address)?;
    let [sent, answered] = [unit.request.len(), unit.answer_bytes].map(|bytes| bytes.to_string());
    let floor = Child::start(&[floor::ROLE, &sent, &answered])?;
    let mut loads = [Load::open(&floor, workload, &unit)?, Load::open(&subject, workload, &unit)?];
    for load in &mut loads {
        load.run(WARM_UP)?;
    }
    let mut costs = [Vec::new(), Vec::new()];
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        for (load, costs) in loads.iter_mut().zip(&mut costs) {
            let run = load.run(ROUND)?;
            costs.push(run.micros_per_unit);
            rates.push(run.units_per_second);
        }
    }
    let [floor, subject] = costs.map(median);
    let rate = median(rates.into_iter().skip(1).step_by(2).collect());
    let ratio = subject / floor;
    println!("{:<24}{floor:>12.2}{subject:>12.2}{ratio:>9.2}{rate:>12.0}", workload.name);
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Rounds of each server: enough for a median that a few disturbed ones do not move.
const ROUNDS: usize = 9;

/// How long one round lasts: some ten thousand messages.
const ROUND: Duration = Duration::from_millis(300);

const WARM_UP: Duration = Duration::from_millis(200);
