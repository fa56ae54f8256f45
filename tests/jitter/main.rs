//! Jitter: a thousand real clients whose connections are cut every few seconds hear every event.
//!
//! The server is a process of its own, the clients share one loop. What is random follows from
//! the seed that is printed; `SEED=...` repeats it, as far as two processes can.

mod crowd;
mod ear;
mod line;
mod report;

use std::process::Command;
use std::time::Duration;

use crampon::reactor::Reactor;
use crampon_tests::Program;
use crowd::Crowd;
use report::Report;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Clients, a third of them on events, WebSockets and polls each to begin with.
const CLIENTS: usize = 1000;

/// Events that are said: fifty a second over a minute.
const EVENTS: u64 = 3000;

/// From one event to the next.
const PERIOD: Duration = Duration::from_millis(20);

/// How long a client stays, at least and at most.
const PRESENT: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(5)];

/// How long it is away.
const AWAY: [Duration; 2] = [Duration::ZERO, Duration::from_secs(2)];

/// Where events are heard ...
const NEWS_PATH: &str = "/news";

/// ... and said.
const SPEAKER_PATH: &str = "/speak";

#[test]
fn a_thousand_who_are_cut_off_again_and_again_hear_every_event_once_and_in_order() {
    raise_descriptor_limit();
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    println!("SEED={seed}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_subject"));
    // A line for each of some hundred thousand polls would only be in the way.
    let server = Program::start_ours(command.env("RUST_LOG", "crampon=warn"));
    let address = server.address();
    let mut reactor = Reactor::new().expect("descriptors are left");
    let crowd =
        reactor.add(|scope| Crowd::gather(address, seed, scope)).expect("the server listens");
    reactor.run().expect("the selector works");

    let report = reactor.with(&crowd, |crowd, _| std::mem::take(&mut crowd.report));
    let report = report.expect("the crowd stays");
    println!("{report}");
    let mib = server.resident_bytes() >> 20;
    println!("the server used {:.1} s of a processor, and {mib} MiB", server.cpu().as_secs_f64());
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(report.delivered, Report::EXPECTED);
}

/// A thousand connections are more than many a shell allows unasked.
fn raise_descriptor_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("it may be raised");
}
