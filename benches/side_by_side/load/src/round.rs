//! One round of one row with one server, from its start to its end.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, Load, Tally};
use crate::exchange::Exchange;
use crate::fan_out::FanOut;
use crate::frame::{TEXT, masked};
use crate::machine::{Core, own_cpu};
use crate::opening::Wire;
use crate::probe::probe_fan_out;
use crate::reading::{Late, Reading, part};
use crate::row::{Ask, Row, Work};
use crate::running::Running;
use crate::servers::{Folders, Server};
use crate::syscalls::{Calls, Trace};
use crate::ticks::Ticks;
use crate::visits::Visits;

/// How long things last.
#[derive(Clone, Copy)]
pub struct Lengths {
    pub warm_up: Duration,
    pub round: Duration,
    /// Of a row of ticks.
    pub ticks: Duration,
}

/// What is looked at in a round.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Time,
    Calls,
}

/// What was seen.
pub enum Seen {
    Reading(Reading),
    Calls(Calls),
}

/// Starts the server, does the work of the row, and ends the server.
///
/// # Errors
/// What went wrong; `None` where the server does not have what it takes.
pub fn play(
    row: &Row,
    server: &Server,
    folders: &Folders,
    lengths: Lengths,
    look: Look,
) -> io::Result<Option<Seen>> {
    if !server.can(row.work) {
        return Ok(None);
    }
    let watch = Watch { lengths, look };
    let figure = |figure| Ok(Some(Seen::Reading(Reading { figure, ..Reading::default() })));
    if row.work == Work::Size {
        let Some(bytes) = server.bytes(folders)? else { return Ok(None) };
        return figure(bytes as f64 / f64::from(1 << 20));
    }
    let running = Running::start(server, folders)?;
    let seen = match row.work {
        Work::Exchange { ask, connections, depth } => {
            let unit = ask.probe(&running)?;
            let size = (connections, depth);
            let crowd = Crowd::gather(|scope| Exchange::open(&running, (ask, &unit), size, scope))?;
            watch.load(&running, crowd)?
        }
        Work::FanOut { wire, subscribers, at_once, bytes } => {
            let unit = probe_fan_out(&running, wire, bytes)?;
            let size = (subscribers, at_once);
            let crowd = Crowd::gather(|scope| FanOut::open(&running, (wire, &unit), size, scope))?;
            watch.load(&running, crowd)?
        }
        Work::Visits { visit, at_once } => {
            let (unit, goodbye) = visit.probe(&running)?;
            let address = running.ws_address();
            let address = if goodbye.is_empty() { running.address() } else { address };
            let crowd = Crowd::gather(|_| Ok(Visits::new(address, unit, goodbye, at_once)))?;
            watch.load(&running, crowd)?
        }
        Work::Ticks { wire, connections } => watch.ticks(&running, wire, connections)?,
        Work::Idle { wire, connections, touched } => {
            return figure(idle_bytes(&running, wire, connections, touched)?);
        }
        Work::StartUp => return figure(first_answer(server, &running)?.as_secs_f64() * 1e3),
        Work::Size => unreachable!("it needs no server that runs"),
    };
    Ok(Some(seen))
}

#[derive(Clone, Copy)]
struct Watch {
    lengths: Lengths,
    look: Look,
}

impl Watch {
    /// Warms the server up, and watches it under load.
    fn load<L: Load>(self, server: &Running, mut crowd: Crowd<L>) -> io::Result<Seen> {
        crowd.run(self.lengths.warm_up)?;
        self.watch(server, || crowd.run(self.lengths.round))
    }

    /// Lets ticks settle, and watches them.
    fn ticks(self, server: &Running, wire: Wire, connections: usize) -> io::Result<Seen> {
        let mut crowd = Ticks::open(server, wire, connections)?;
        crowd.run(TICKS_WARM_UP)?;
        crowd.with(|ticks, _| ticks.count());
        let mut seen = self.watch(server, || crowd.run(self.lengths.ticks))?;
        if let Seen::Reading(reading) = &mut seen {
            reading.figure = reading.server_core.unwrap_or_default() * 100.0;
            reading.drift_micros = Some(crowd.with(|ticks, _| ticks.drift()) * 1e6);
        }
        Ok(seen)
    }

    fn watch(self, server: &Running, run: impl FnOnce() -> io::Result<Tally>) -> io::Result<Seen> {
        if self.look == Look::Calls {
            let trace = Trace::attach(server.id())?;
            let units = run()?.units;
            return Ok(Seen::Calls(trace.end(units)?));
        }
        let (core, cpu, own, began) =
            (Core::of_servers()?, server.cpu()?, own_cpu(), Instant::now());
        let tally = run()?;
        let took = began.elapsed();
        let (own, cpu, then) = (own_cpu() - own, server.cpu()? - cpu, Core::of_servers()?);
        let others = (then.busy - core.busy).saturating_sub(cpu) + (then.stolen - core.stolen);
        let micros = |cpu: Duration| cpu.as_secs_f64() * 1e6 / tally.units.max(1) as f64;
        Ok(Seen::Reading(Reading {
            figure: micros(cpu),
            rate: Some(tally.units as f64 / took.as_secs_f64()),
            late: Late::of(&tally.late),
            server_core: Some(part(cpu, took)),
            load_core: Some(part(own, took)),
            load_micros: Some(micros(own)),
            drift_micros: None,
            others: part(others, took),
        }))
    }
}

/// By how much the resident memory grows for a connection.
fn idle_bytes(server: &Running, wire: Wire, connections: usize, touched: bool) -> io::Result<f64> {
    let path = if wire == Wire::Events { "/events" } else { "/echo" };
    let message = masked(TEXT, &crate::payload::text(125));
    let open = |_| -> io::Result<TcpStream> {
        let mut stream = wire.open(server, path)?;
        if touched {
            stream.write_all(&message)?;
            stream.read_exact(&mut vec![0; message.len() - 4])?;
        }
        Ok(stream)
    };
    // The first few touch what all share.
    let _first: Vec<_> = (0..FIRST).map(open).collect::<io::Result<_>>()?;
    let before = server.resident_bytes()?;
    let _all: Vec<_> = (0..connections).map(open).collect::<io::Result<_>>()?;
    let grown = server.resident_bytes()?.saturating_sub(before);
    Ok(grown as f64 / connections as f64)
}

/// From the start of a server to its first answer.
fn first_answer(server: &Server, running: &Running) -> io::Result<Duration> {
    let ask = if server.has("/hello") { Ask::Get } else { Ask::Echo { bytes: 16 } };
    ask.ask_once(running)?;
    Ok(running.began().elapsed())
}

/// Connections opened before memory is looked at.
const FIRST: usize = 64;

/// How long ticks are heard before they count: until each has come once or twice.
const TICKS_WARM_UP: Duration = Duration::from_millis(1500);
