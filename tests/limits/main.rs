//! Every limit at its edge and one past it: who keeps to it is served, who does not gets what
//! `docs/limits.md` says, and it is counted.

mod actions;
mod bodies;
mod channels;
mod connections;
mod liveness;
mod pausing;
mod readers;
mod requests;
mod sockets;
mod streams;
mod table;

use std::time::Duration;

use crampon::prelude::*;
use crampon::trial::World;
use crampon_tests::Log;
use tracing::subscriber::DefaultGuard;

/// A world within some limits, whose log is read.
struct Scene {
    world: World,
    log: Log,
    _hearing: DefaultGuard,
}

impl Scene {
    fn new(routes: Routes, set: impl FnOnce(&mut Limits)) -> Self {
        Self::with(routes, |server| server.limits(set))
    }

    fn with(routes: Routes, set_up: impl FnOnce(Server) -> Server) -> Self {
        let log = Log::default();
        let hearing = log.install();
        Self { world: World::with(routes, set_up), log, _hearing: hearing }
    }

    /// How often the log says that something was refused for this reason.
    fn refusals(&self, reason: &str) -> u64 {
        // What has been counted is told within a second.
        self.world.advance(Duration::from_secs(1));
        refusals(&self.log.text(), reason)
    }
}

/// How often a log says that something was refused for a reason.
fn refusals(log: &str, reason: &str) -> u64 {
    let reason = format!("refused reason=\"{reason}\" count=");
    let counts = log.lines().filter_map(|line| line.split_once(&reason));
    counts.map(|(_, count)| count.trim().parse::<u64>().expect("a count is a number")).sum()
}

/// Answers at once.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World!");
        cx.finish();
    }
}
