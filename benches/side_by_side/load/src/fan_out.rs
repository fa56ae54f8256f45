//! One who publishes and many who hear it.

use std::io;
use std::time::Instant;

use crampon::reactor::{Readiness, Scope};

use crate::crowd::{Load, Tally};
use crate::line::{Burst, Line, READ_BYTES};
use crate::opening::Wire;
use crate::probe::{Unit, subscription};
use crate::running::Running;

/// A publisher and its subscribers: so many messages at once, when all have heard the last.
pub struct FanOut {
    subscribers: Vec<Line>,
    publisher: Line,
    burst: Burst,
    answer_bytes: usize,
    at_once: usize,
    in_flight: usize,
    published: Instant,
    until: Instant,
    tally: Tally,
    buffer: Vec<u8>,
}

impl FanOut {
    /// Connects all.
    ///
    /// # Errors
    /// When the server does not answer, or no descriptor is left.
    pub fn open(
        server: &Running,
        (wire, unit): (Wire, &Unit),
        (subscribers, at_once): (usize, usize),
        scope: &mut Scope<'_>,
    ) -> io::Result<Self> {
        let open = |_| wire.open(server, subscription(wire));
        let opened: io::Result<Vec<_>> = (0..subscribers).map(open).collect();
        // What each is told who comes has come.
        std::thread::sleep(crate::probe::QUIET);
        let lines = opened?.into_iter().enumerate();
        let subscribers = lines
            .map(|(key, stream)| Line::new(stream, key, scope))
            .collect::<io::Result<Vec<_>>>()?;
        let publisher = Wire::WebSocket.open(server, "/publish")?;
        Ok(Self {
            publisher: Line::new(publisher, subscribers.len(), scope)?,
            subscribers,
            burst: Burst::of(&unit.request, at_once),
            answer_bytes: unit.answer_bytes,
            at_once,
            in_flight: 0,
            published: Instant::now(),
            until: Instant::now(),
            tally: Tally::new(),
            buffer: vec![0; READ_BYTES],
        })
    }

    fn publish(&mut self) -> io::Result<()> {
        self.published = Instant::now();
        self.in_flight = self.subscribers.len() * self.at_once;
        self.publisher.say(self.at_once, &self.burst)
    }
}

impl Load for FanOut {
    fn begin(&mut self, until: Instant, _: &mut Scope<'_>) -> io::Result<()> {
        self.until = until;
        self.publish()
    }

    fn attend(&mut self, event: Readiness, _: &mut Scope<'_>) -> io::Result<()> {
        let Some(subscriber) = self.subscribers.get_mut(event.key) else {
            return self.publisher.say(0, &self.burst);
        };
        if !event.readable {
            return Ok(());
        }
        let heard = subscriber.hear(&mut self.buffer, self.answer_bytes)?;
        if heard == 0 {
            return Ok(());
        }
        self.in_flight = self
            .in_flight
            .checked_sub(heard)
            .ok_or_else(|| io::Error::other("more was heard than was published"))?;
        self.tally.units += heard as u64;
        let now = Instant::now();
        self.tally.late.note(now - self.published, heard as u64);
        match self.in_flight == 0 && now < self.until {
            true => self.publish(),
            false => Ok(()),
        }
    }

    fn is_over(&self) -> bool {
        self.in_flight == 0
    }

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}
