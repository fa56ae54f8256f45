//! A run: some readers, a server, and what happens to them, as chance will have it.

use std::fmt::{self, Write};
use std::time::Duration;

use crampon::action::Deflate;
use crampon_tests::{Chance, Seeded};

use crate::channels::{CHANNELS, PATHS};
use crate::house::{House, Width};
use crate::reader::Reader;
use crate::way::{WAYS, Way};

/// One run, and what it did so far if somebody wants to know.
pub struct Run {
    chance: Chance,
    house: House,
    readers: Vec<Reader>,
    /// The channels that are spoken on: those somebody reads.
    channels: Vec<usize>,
    trace: Option<String>,
}

impl Seeded for Run {
    fn new(seed: u64, is_traced: bool) -> Self {
        let mut chance = Chance::new(seed);
        let width = Width {
            outbox_bytes_max: chance.pick(&[300, 300, 2_000, 40_000]),
            connections_soft_max: chance.pick(&[None, None, None, Some(1)]),
            memory_soft_bytes: chance.pick(&[usize::MAX, usize::MAX, usize::MAX, 4_000]),
            deflate: [Deflate::Shared, Deflate::Dedicated, Deflate::Off][(seed % 3) as usize],
        };
        let house = House::new(chance.next(), width);
        house.truth.borrow_mut().is_past_cut_short = width.memory_soft_bytes < usize::MAX;
        let readers: Vec<Reader> = (0..1 + chance.below(3))
            .map(|_| Reader::new(&PATHS[chance.below(PATHS.len())]))
            .collect();
        let mut channels: Vec<usize> =
            readers.iter().flat_map(|reader| reader.path.channels.iter().copied()).collect();
        channels.push(chance.below(CHANNELS.len()));
        let trace = is_traced.then(String::new);
        let mut run = Self { chance, house, readers, channels, trace };
        run.note(format_args!("{width:?}"));
        run
    }

    fn play(&mut self) -> Result<(), String> {
        for _ in 0..10 + self.chance.below(40) {
            self.step()?;
            if !self.chance.one_in(4) {
                self.pass(Duration::ZERO);
            }
        }
        self.come_to_rest(false)?;
        for channel in 0..CHANNELS.len() {
            // Three, as an action may have nothing to say of one.
            for _ in 0..3 {
                self.house.publish(channel, 0);
            }
        }
        self.note(format_args!("three more on each"));
        self.pass(Duration::ZERO);
        self.come_to_rest(true)
    }

    fn trace(&self) -> &str {
        self.trace.as_deref().unwrap_or_default()
    }
}

impl Run {
    fn step(&mut self) -> Result<(), String> {
        match self.chance.below(20) {
            0..6 => self.publish(),
            6..8 => self.press(),
            8..12 => self.ask()?,
            12..15 => self.hear()?,
            15 => self.leave()?,
            16..18 => self.strain(),
            18 => self.wait(),
            _ if self.chance.one_in(4) => self.restart()?,
            _ => self.wait(),
        }
        Ok(())
    }

    fn wish(&mut self) -> (usize, usize) {
        let channel = self.chance.pick(&self.channels);
        let padding = match self.chance.below(40) {
            0..30 => self.chance.below(20),
            30..38 => self.chance.below(300),
            38 => self.chance.below(3_000),
            _ => self.chance.below(20_000),
        };
        (channel, padding)
    }

    fn count(&mut self) -> usize {
        match self.chance.below(6) {
            0..5 => 1 + self.chance.below(3),
            _ => 1 + self.chance.below(40),
        }
    }

    fn publish(&mut self) {
        for _ in 0..self.count() {
            let (channel, padding) = self.wish();
            self.house.publish(channel, padding);
            let number = self.house.truth.borrow().last(channel);
            self.note(format_args!("publish {channel}:{number} and {padding} characters"));
        }
    }

    fn press(&mut self) {
        let wishes: Vec<_> = (0..self.count()).map(|_| self.wish()).collect();
        self.pass(Duration::ZERO);
        self.house.press(&wishes);
        self.note(format_args!("publish from an action {wishes:?}"));
    }

    fn ask(&mut self) -> Result<(), String> {
        let at = self.chance.below(self.readers.len());
        let way = self.chance.pick(&WAYS);
        let is_free = self.readers[at].call.as_ref().is_none_or(|call| call.is_free);
        if !is_free && !self.chance.one_in(3) {
            return Ok(());
        }
        if self.chance.one_in(4) {
            self.readers[at].call = None;
        }
        self.ask_by(at, way);
        let call = self.readers[at].call.as_mut().expect("it has just asked");
        let wire = &call.peer;
        if self.chance.one_in(4) {
            wire.set_read_max(Some(1 + self.chance.below(50)));
        }
        if self.chance.one_in(4) {
            wire.set_write_max(Some(1 + self.chance.below(200)));
        }
        if self.chance.one_in(6) {
            call.is_strained = true;
            wire.set_window(Some(self.chance.below(1000)));
        }
        Ok(())
    }

    fn ask_by(&mut self, at: usize, way: Way) {
        let reader = &mut self.readers[at];
        reader.ask(way, &self.house);
        let told = reader.describe();
        self.note(format_args!("reader {at} asks by {way:?}: {told}"));
    }

    fn hear(&mut self) -> Result<(), String> {
        let at = self.chance.below(self.readers.len());
        let bytes_max = match self.chance.below(8) {
            0 => self.chance.below(2_000),
            _ => usize::MAX,
        };
        self.pass(Duration::ZERO);
        self.hear_at(at, bytes_max).map(|_| ())
    }

    fn hear_at(&mut self, at: usize, bytes_max: usize) -> Result<bool, String> {
        let reader = &mut self.readers[at];
        let outcome = reader.hear(bytes_max, &self.house.truth.borrow());
        let told = reader.describe();
        let outcome = outcome.map_err(|error| format!("reader {at} ({told}): {error}"));
        if let Ok(true) = outcome {
            self.note(format_args!("reader {at} hears {}: {told}", bytes_max as isize));
        }
        outcome
    }

    fn leave(&mut self) -> Result<(), String> {
        let at = self.chance.below(self.readers.len());
        if self.chance.one_in(2) {
            self.hear_at(at, usize::MAX)?;
        }
        let Some(call) = &self.readers[at].call else { return Ok(()) };
        let bytes = self.chance.below(2_000);
        match self.chance.below(4) {
            0 => call.peer.finish(),
            1 => call.peer.reset(),
            2 => {
                call.peer.reset_after(bytes);
                self.note(format_args!("reader {at} is to be reset after {bytes} bytes"));
                return Ok(());
            }
            _ => {}
        }
        self.readers[at].call = None;
        self.note(format_args!("reader {at} leaves"));
        Ok(())
    }

    fn strain(&mut self) {
        let at = self.chance.below(self.readers.len());
        let Some(call) = &mut self.readers[at].call else { return };
        call.is_strained = true;
        let window = match self.chance.below(3) {
            0 => None,
            1 => Some(0),
            _ => Some(self.chance.below(1_500)),
        };
        call.peer.set_window(window);
        self.note(format_args!("reader {at} takes {window:?}"));
    }

    fn wait(&mut self) {
        let millis = match self.chance.below(4) {
            0 => self.chance.below(1_000),
            1 | 2 => self.chance.below(10_000),
            _ => self.chance.below(60_000),
        };
        let time = Duration::from_millis(millis as u64);
        if self.chance.one_in(10) {
            self.house.stall(time);
            self.note(format_args!("nothing is done for {time:?}"));
        } else {
            self.pass(time);
            self.note(format_args!("{time:?} pass"));
        }
    }

    fn restart(&mut self) -> Result<(), String> {
        self.pass(Duration::ZERO);
        for at in 0..self.readers.len() {
            // What is on its way may arrive yet, or not.
            if self.chance.one_in(2) {
                self.hear_at(at, usize::MAX)?;
            }
            self.readers[at].leave(&self.house.truth.borrow());
        }
        let seed = self.chance.next();
        self.house.restart(seed);
        self.note(format_args!("another server takes over"));
        Ok(())
    }

    /// Has everybody read until there is nothing more to hear, and checks that it was all.
    fn come_to_rest(&mut self, is_after_all: bool) -> Result<(), String> {
        for round in 0..REST_ROUNDS_MAX {
            let mut is_quiet = true;
            for at in 0..self.readers.len() {
                is_quiet &= self.rest(at)?;
            }
            // Those who wait before they start.
            self.pass(Duration::from_secs(1));
            if is_quiet && round > 1 {
                for (at, reader) in self.readers.iter().enumerate() {
                    reader
                        .expect_all(&self.house.truth.borrow(), is_after_all)
                        .map_err(|error| format!("reader {at} at rest: {error}"))?;
                }
                return Ok(());
            }
        }
        Err(format!("somebody still hears something after {REST_ROUNDS_MAX} rounds"))
    }

    /// Has one reader read what there is; `true` if that was nothing.
    fn rest(&mut self, at: usize) -> Result<bool, String> {
        if let Some(call) = &self.readers[at].call {
            call.peer.set_window(None);
            call.peer.set_write_max(None);
        }
        self.pass(Duration::ZERO);
        let mut is_quiet = !self.hear_at(at, usize::MAX)?;
        if self.readers[at].call.as_ref().is_none_or(|call| call.is_free) {
            // A poll may be answered with nothing time and again; what waits is quiet.
            let way = self.chance.pick(&[Way::Socket, Way::Events, Way::Poll, Way::Batch]);
            self.ask_by(at, way);
            is_quiet = false;
        }
        self.pass(Duration::ZERO);
        Ok(is_quiet)
    }

    /// Lets time pass, and what there is to do be done.
    fn pass(&mut self, time: Duration) {
        self.house.settle();
        let truth = self.house.truth.borrow();
        for reader in &mut self.readers {
            reader.arrive(&truth);
        }
        drop(truth);
        if !time.is_zero() {
            self.house.pass(time);
        }
    }

    fn note(&mut self, what: fmt::Arguments<'_>) {
        if let Some(trace) = &mut self.trace {
            let now = self.house.truth.borrow().now;
            writeln!(trace, "{now:>9.3?} {what}").expect("a text takes any line");
        }
    }
}

/// Rounds in which everybody may hear something more before a run has to be at rest: a poll hears
/// one thing a round.
const REST_ROUNDS_MAX: usize = 3_000;
