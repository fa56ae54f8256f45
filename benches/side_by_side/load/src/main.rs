//! Measures servers side by side: the same load on each in turn, on two cores of this machine.
//!
//! Servers run on core 0, the load on core 1, on our own loop. In each round of a row every server
//! is started afresh, answers a few requests that are read in full, is warmed up, and then loaded
//! with bytes made before; what comes back is counted by length. The figure is the processor time
//! of the server for a unit, which does not depend on how fast the load is; medians count.
//! `../README.md` says what is in the table and what is not.

mod arguments;
mod crowd;
mod exchange;
mod fan_out;
mod frame;
mod head;
mod histogram;
mod line;
mod machine;
mod opening;
mod payload;
mod plot;
mod probe;
mod reading;
mod report;
mod round;
mod row;
mod running;
mod servers;
mod syscalls;
mod ticks;
mod visits;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use arguments::{Arguments, USAGE};
use reading::{Reading, Readings};
use report::{Outcome, Standing, summary};
use round::{Lengths, Look, Seen, play};
use row::Row;
use servers::{Folders, Server};

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(wrong) => {
            eprintln!("{wrong}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match measure(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> io::Result<()> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../servers.json");
    let list = arguments.from.clone().unwrap_or_else(|| beside.into());
    let folders = Folders::around(&list)?;
    let rows = if arguments.is_scale { row::scale() } else { row::all() };
    let rows = row::chosen(rows, &arguments.rows, arguments.is_all);
    if rows.is_empty() {
        return Err(io::Error::other("no row has such a name; `--list` says which there are"));
    }
    let mut servers = Server::read_chosen(&list, &arguments.servers)?;
    if arguments.lists {
        rows.iter().for_each(|row| println!("{:<32} {}", row.name, row.work.unit()));
        servers.iter().for_each(|it| println!("{:<20} {} ({})", it.name, it.version, it.language));
        return Ok(());
    }
    if arguments.builds {
        servers.retain(|server| {
            let built = server.build(&folders);
            built.inspect_err(|error| eprintln!("{} is left out: {error}", server.name)).is_ok()
        });
    }
    machine::raise_descriptors()?;
    machine::stay_on(machine::LOAD_CORE)?;
    let out = arguments.out.as_ref().unwrap_or(&folders.target);
    std::fs::create_dir_all(out)?;
    let mut outcomes = Vec::new();
    let mut tables = String::new();
    for row in &rows {
        let outcome = compare(row, &servers, &folders, arguments);
        let table = outcome.table();
        println!("{table}");
        tables += &format!("\n{table}");
        outcomes.push(outcome);
        // What there is so far, should the next row not come to its end.
        let page = format!("{}{tables}", summary(&outcomes));
        std::fs::write(out.join("table.md"), page)?;
        let figures = serde_json::to_string_pretty(&outcomes).map_err(io::Error::other)?;
        std::fs::write(out.join("figures.json"), figures)?;
    }
    if arguments.is_scale {
        let works = rows.iter().map(|row| row.work).zip(&outcomes);
        std::fs::write(out.join("scale.svg"), plot::draw(works))?;
    }
    println!("{}", summary(&outcomes));
    println!("what was measured is in {}", out.display());
    Ok(())
}

/// Plays all rounds of a row, with each server in turn.
fn compare(row: &Row, servers: &[Server], folders: &Folders, arguments: &Arguments) -> Outcome {
    let lengths = Lengths { warm_up: WARM_UP, round: arguments.round, ticks: arguments.ticks };
    let mut contests: Vec<_> = servers.iter().map(Contest::of).collect();
    for _ in 0..arguments.rounds {
        for contest in &mut contests {
            contest.play_round(row, folders, lengths, arguments.rounds);
        }
    }
    if arguments.counts_calls && row.work.loads() {
        for contest in &mut contests {
            contest.count_calls(row, folders, lengths);
        }
    }
    let standings = contests.into_iter().filter_map(Contest::end).collect();
    Outcome { row: row.name.clone(), unit: row.work.unit(), servers: standings }
}

/// One server in one row.
struct Contest<'a> {
    server: &'a Server,
    rounds: Vec<Reading>,
    repeats: usize,
    calls: Option<syscalls::Calls>,
    fault: Option<io::Error>,
    is_out: bool,
}

impl<'a> Contest<'a> {
    fn of(server: &'a Server) -> Self {
        let (rounds, repeats, calls, fault) = (Vec::new(), 0, None, None);
        Self { server, rounds, repeats, calls, fault, is_out: false }
    }

    /// Plays a round, and again if others disturbed it, as long as that may be.
    fn play_round(&mut self, row: &Row, folders: &Folders, lengths: Lengths, repeats_max: usize) {
        while !self.is_out {
            match play(row, self.server, folders, lengths, Look::Time) {
                Ok(Some(Seen::Reading(reading))) => {
                    let is_again = reading.is_disturbed() && self.repeats < repeats_max;
                    self.rounds.push(reading);
                    if !is_again {
                        return;
                    }
                    self.repeats += 1;
                }
                Ok(_) => self.is_out = true,
                Err(error) => {
                    eprintln!("{} of {}: {error}", row.name, self.server.name);
                    self.is_out = true;
                    self.fault = Some(error);
                }
            }
        }
    }

    fn count_calls(&mut self, row: &Row, folders: &Folders, lengths: Lengths) {
        if self.is_out {
            return;
        }
        match play(row, self.server, folders, lengths, Look::Calls) {
            Ok(Some(Seen::Calls(calls))) => self.calls = Some(calls),
            Ok(_) => {}
            Err(error) => self.fault = Some(error),
        }
    }

    fn end(self) -> Option<Standing> {
        let readings = Readings::of(self.rounds);
        let fault = self.fault.map(|fault| fault.to_string());
        let name = self.server.name.clone();
        let has_played = readings.is_some() || fault.is_some();
        has_played.then_some(Standing { name, readings, calls: self.calls, fault })
    }
}

/// How long a server is loaded before it counts.
const WARM_UP: Duration = Duration::from_millis(200);
