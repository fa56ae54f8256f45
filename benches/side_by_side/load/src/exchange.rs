//! Connections that each keep so many requests in flight.

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use crampon::reactor::{Readiness, Scope};

use crate::crowd::{Load, Tally};
use crate::line::{Burst, Line, READ_BYTES};
use crate::probe::Unit;
use crate::row::Ask;
use crate::running::Running;

/// All who ask.
pub struct Exchange {
    askers: Vec<Asker>,
    burst: Burst,
    answer_bytes: usize,
    depth: usize,
    in_flight: usize,
    until: Instant,
    tally: Tally,
    buffer: Vec<u8>,
}

struct Asker {
    line: Line,
    /// When what is in flight was asked, and how many at once; the oldest first.
    asked: VecDeque<(Instant, usize)>,
}

impl Exchange {
    /// Connects all.
    ///
    /// # Errors
    /// When the server does not answer, or no descriptor is left.
    pub fn open(
        server: &Running,
        (ask, unit): (Ask, &Unit),
        (connections, depth): (usize, usize),
        scope: &mut Scope<'_>,
    ) -> io::Result<Self> {
        let opened: io::Result<Vec<_>> = (0..connections).map(|_| ask.open(server)).collect();
        let asker = |(key, stream)| {
            Ok(Asker { line: Line::new(stream, key, scope)?, asked: VecDeque::new() })
        };
        Ok(Self {
            askers: opened?.into_iter().enumerate().map(asker).collect::<io::Result<_>>()?,
            burst: Burst::of(&unit.request, depth),
            answer_bytes: unit.answer_bytes,
            depth,
            in_flight: 0,
            until: Instant::now(),
            tally: Tally::new(),
            buffer: vec![0; READ_BYTES],
        })
    }
}

impl Load for Exchange {
    fn begin(&mut self, until: Instant, _: &mut Scope<'_>) -> io::Result<()> {
        self.until = until;
        let now = Instant::now();
        for asker in &mut self.askers {
            asker.asked.push_back((now, self.depth));
            self.in_flight += self.depth;
            asker.line.say(self.depth, &self.burst)?;
        }
        Ok(())
    }

    fn attend(&mut self, event: Readiness, _: &mut Scope<'_>) -> io::Result<()> {
        let asker = &mut self.askers[event.key];
        if asker.line.has_more_to_say() {
            asker.line.say(0, &self.burst)?;
        }
        if !event.readable {
            return Ok(());
        }
        let answers = asker.line.hear(&mut self.buffer, self.answer_bytes)?;
        if answers == 0 {
            return Ok(());
        }
        let now = Instant::now();
        let mut left = answers;
        while left > 0 {
            let Some((asked, times)) = asker.asked.front_mut() else {
                return Err(io::Error::other("more answers than requests"));
            };
            let answered = left.min(*times);
            self.tally.late.note(now - *asked, answered as u64);
            left -= answered;
            *times -= answered;
            if *times == 0 {
                asker.asked.pop_front();
            }
        }
        self.tally.units += answers as u64;
        self.in_flight -= answers;
        if now < self.until {
            asker.asked.push_back((now, answers));
            self.in_flight += answers;
            asker.line.say(answers, &self.burst)?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.in_flight == 0
    }

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}
