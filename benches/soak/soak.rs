//! The course of a soak, and what has to be true at its end.

use std::io;
use std::time::{Duration, Instant};

use crampon::reactor::{Handle, Reactor};
use crampon_benches::Child;

use crate::crowd::Crowd;
use crate::log::Log;
use crate::subject;
use crate::vitals::Vitals;

/// A soak under way.
pub struct Soak {
    length: Duration,
    connections: usize,
    reactor: Reactor,
    crowd: Handle<Crowd>,
    server: Child,
    log: Log,
}

impl Soak {
    /// Starts a server, to be soaked for so long by so many.
    ///
    /// # Errors
    /// That it cannot be started.
    pub fn start(length: Duration, connections: usize) -> io::Result<Self> {
        let log = Log::create()?;
        let server = Child::start_logging(&[subject::ROLE], log.end()?)?;
        let mut reactor = Reactor::new()?;
        let (address, stay) = (server.address, (length / STAYS).max(STAY_MIN));
        let crowd = reactor.add(|scope| Ok(Crowd::new(address, stay, scope)))?;
        Ok(Self { length, connections, reactor, crowd, server, log })
    }

    /// Soaks it, prints what was seen, and says whether all is well.
    ///
    /// # Errors
    /// That the server has ended, or no longer answers.
    pub fn run(mut self) -> io::Result<bool> {
        let empty = self.look("before anybody came")?;
        self.visit("the first crowd", self.length.div_f64(5.0).clamp(WARM_UP_MIN, WARM_UP_MAX))?;
        let warm = self.empty("after the first crowd", &empty)?;
        self.visit("the second crowd", self.length)?;
        let end = self.empty("after the second crowd", &empty)?;
        let wronged = self.crowd(|crowd| {
            println!("\n{}", crowd.tally);
            crowd.tally.wronged()
        });
        let errors = self.log.read()?;
        println!(
            "the server had {:.1} s of a processor; its log:",
            self.server.cpu()?.as_secs_f64()
        );
        println!("{errors}");
        let verdicts = [
            ("nobody who behaved was wronged", wronged == 0),
            ("nothing is left of them", end.is_as_empty_as(&empty)),
            ("memory is back where it was", end.is_as_small_as(&warm)),
            ("no error was logged", errors.is_free_of_errors()),
        ];
        for (claim, is_true) in verdicts {
            println!("{} {claim}", if is_true { "yes:" } else { "NO: " });
        }
        Ok(verdicts.iter().all(|(_, is_true)| *is_true))
    }

    /// Has a crowd come and stay for so long.
    fn visit(&mut self, name: &'static str, length: Duration) -> io::Result<()> {
        let connections = self.connections;
        self.crowd(|crowd| crowd.gather(connections));
        let end = Instant::now() + length;
        while Instant::now() < end {
            self.reactor.turn(Some(end.saturating_duration_since(Instant::now())))?;
        }
        self.look(name)?;
        Ok(())
    }

    /// Has everybody leave, and waits until nothing of them is left, or something stays too long.
    fn empty(&mut self, name: &'static str, empty: &Vitals) -> io::Result<Vitals> {
        self.reactor.with(&self.crowd, Crowd::disperse);
        let end = Instant::now() + LEAVING_MAX;
        while Instant::now() < end {
            self.reactor.turn(Some(Duration::from_secs(1)))?;
            let is_empty = self.crowd(|crowd| crowd.len()) == 0;
            if is_empty && Vitals::of(&self.server)?.is_as_empty_as(empty) {
                break;
            }
        }
        self.look(name)
    }

    fn look(&mut self, name: &'static str) -> io::Result<Vitals> {
        let vitals = Vitals::of(&self.server)?;
        println!("{name:<24}{vitals}");
        Ok(vitals)
    }

    fn crowd<T>(&mut self, errand: impl FnOnce(&mut Crowd) -> T) -> T {
        let done = self.reactor.with(&self.crowd, |crowd, _| errand(crowd));
        done.expect("the crowd stays on the loop")
    }
}

/// How often the second crowd is replaced while it is there.
const STAYS: u32 = 10;

/// Who reads slowly is noticed within ten seconds; shorter stays would not show it.
const STAY_MIN: Duration = Duration::from_secs(20);

/// The first crowd has to be there in full, until all channels have the past they keep.
const WARM_UP_MIN: Duration = Duration::from_secs(60);
const WARM_UP_MAX: Duration = Duration::from_secs(180);

/// How long something may be left of who has gone: longer than any of the server's deadlines.
const LEAVING_MAX: Duration = Duration::from_secs(120);
