//! A client on the bare loop that the public Autobahn suite examines: it says back what it hears.
//!
//! `autobahn_client 127.0.0.1:9001 AGENT` asks the suite's server how many cases there are, goes
//! through them one by one, and has the report written under the agent's name. What the suite
//! thinks of it stands there; `scripts/autobahn` starts both and reads it.

mod conversation;
mod examination;
mod socket;

use std::io;
use std::process::ExitCode;

use crampon::reactor::Reactor;

use examination::Examination;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, agent] = arguments.as_slice() else {
        eprintln!("usage: autobahn_client ADDRESS AGENT");
        return ExitCode::from(USAGE);
    };
    match examine(address, agent) {
        Ok(cases) => {
            println!("went through {cases} cases");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the examination broke off: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Goes through the cases of the suite at `address`; returns how many there were.
fn examine(address: &str, agent: &str) -> io::Result<u32> {
    let address = address.parse().map_err(|error| {
        io::Error::other(format!("`{address}` is not an address and a port: {error}"))
    })?;
    let mut reactor = Reactor::new()?;
    let examination = reactor.add(|scope| Examination::begin(address, agent, scope))?;
    reactor.run()?;
    let result = reactor.with(&examination, |examination, _| examination.result());
    result.expect("an examination stops the loop and stays on it")
}

/// The exit status of a command that was called wrongly.
const USAGE: u8 = 2;
