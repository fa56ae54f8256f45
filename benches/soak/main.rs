//! Soaks a server: thousands of guests of all kinds come and go, read slowly and mean harm, and in
//! the end nothing of them is left.
//!
//! `soak MINUTES CONNECTIONS` starts a server in a process of its own. A first crowd warms it up
//! and leaves; what it holds then is what it has to come back to. A second crowd stays for so many
//! minutes, each guest for about a tenth of them. Then it prints who came and how they fared, and
//! what the server held and logged, and fails if somebody who behaved was wronged, something has
//! leaked, or an error was logged.
//!
//! `scripts/soak` builds it and runs it.

mod census;
mod crowd;
mod ear;
mod guest;
mod kind;
mod log;
mod soak;
mod subject;
mod tally;
mod vitals;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use soak::Soak;

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_well = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [subject::ROLE] => subject::serve().map(|()| true)?,
        [minutes, connections] => {
            let minutes = Duration::from_secs(60).mul_f64(number(minutes)?);
            Soak::start(minutes, number(connections)?)?.run()?
        }
        _ => return Err(io::Error::other("usage: soak MINUTES CONNECTIONS")),
    };
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn number<T: std::str::FromStr>(text: &str) -> io::Result<T> {
    text.parse().map_err(|_| io::Error::other(format!("`{text}` is not a number")))
}
