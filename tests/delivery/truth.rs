//! The truth: all that was published, in order. What a cursor claims is looked up here.

use std::time::Duration;

use crate::channels::{
    AGED, BYTES, CHANNELS, FADING, LATEST, NEWEST, OLDEST, PLAIN, ROWS, SHORT, is_kept,
};

/// One thing that was published.
pub struct Said {
    /// Its number in its channel, from 1.
    pub number: u64,
    pub text: String,
    /// Its row, on the numbered channel.
    pub row: u64,
    /// The server that published it, counted from 0.
    pub server: u32,
    /// Its place among all that that server published, from 1.
    pub offset: u64,
    /// When, since the run began.
    pub at: Duration,
}

/// All that was published.
pub struct Truth {
    pub channels: [Vec<Said>; CHANNELS.len()],
    pub server: u32,
    pub now: Duration,
    /// There is so little memory that any channel may keep less than its rules have it.
    pub is_past_cut_short: bool,
    offset: u64,
    row: u64,
}

impl Truth {
    pub fn new() -> Self {
        Self {
            channels: [const { Vec::new() }; CHANNELS.len()],
            server: 0,
            now: Duration::ZERO,
            is_past_cut_short: false,
            offset: 0,
            row: 0,
        }
    }

    /// Notes that the server was started anew.
    pub fn restart(&mut self) {
        self.server += 1;
        self.offset = 0;
    }

    /// Makes what is published next on a channel, with so much padding.
    pub fn publish(&mut self, channel: usize, padding: usize) -> &Said {
        self.offset += 1;
        let number = self.last(channel) + 1;
        if channel == ROWS {
            // Rows are not numbered without holes.
            self.row += 1 + number % 3;
        }
        let text = format!("{channel}:{number}:{}", pad(number, padding));
        let (server, offset, row, at) = (self.server, self.offset, self.row, self.now);
        let said = &mut self.channels[channel];
        said.push(Said { number, text, row, server, offset, at });
        said.last().expect("it was just said")
    }

    /// The number of the newest of a channel; 0 before the first.
    pub fn last(&self, channel: usize) -> u64 {
        self.channels[channel].len() as u64
    }

    pub fn said(&self, channel: usize, number: u64) -> Option<&Said> {
        self.channels[channel].get((number as usize).checked_sub(1)?)
    }

    /// Whether a channel may have let go of this because something newer of the same key was said:
    /// that is no gap where only the newest counts.
    pub fn may_be_superseded(&self, channel: usize, number: u64) -> bool {
        self.is_past_cut_short && channel == LATEST && number + KEYS <= self.last(channel)
    }

    /// Whether one who was told of a gap may have lost this by it: its channel keeps it no longer.
    pub fn may_be_lost(&self, channel: usize, number: u64) -> bool {
        let Some(said) = self.said(channel, number) else { return false };
        let newer = self.last(channel) - number;
        said.server < self.server
            || self.is_past_cut_short
            || match channel {
                SHORT => newer >= 4,
                AGED => self.now - said.at >= Duration::from_secs(20),
                BYTES => {
                    let kept = self.channels[channel][number as usize - 1..].iter();
                    kept.map(|said| said.text.len()).sum::<usize>() > 600
                }
                ROWS => newer >= 12,
                OLDEST | NEWEST | LATEST => newer >= 40,
                FADING | PLAIN => true,
                _ => false,
            }
    }

    /// The last number that was published on a channel before this server began.
    pub fn before_server(&self, channel: usize) -> u64 {
        self.channels[channel].partition_point(|said| said.server < self.server) as u64
    }

    /// The last number of a channel that one has heard whose cursor is this; `None` if no server
    /// there is now can have given it.
    pub fn claimed(&self, channel: usize, cursor: &str) -> Option<u64> {
        if !is_kept(channel) {
            return None;
        }
        let said = &self.channels[channel];
        if channel == ROWS
            && let Ok(row) = cursor.parse::<u64>()
        {
            return Some(said.partition_point(|said| said.row <= row) as u64);
        }
        // What may follow is how far gaps were told.
        let offset: u64 = cursor.split_once('-')?.1.split('.').next()?.parse().ok()?;
        if offset > self.offset {
            return None;
        }
        let is_through = |said: &Said| said.server < self.server || said.offset <= offset;
        Some(said.partition_point(is_through) as u64)
    }
}

/// What is published is about so many things, in turns.
pub const KEYS: u64 = 3;

/// What makes a text longer, with all that wires have to escape; what it is follows from the
/// number.
fn pad(number: u64, bytes: usize) -> String {
    let pattern = ["x", "\n", "\"é\\", "{}: id: 7 \n\n data: "][number as usize % 4];
    pattern.chars().cycle().take(bytes).collect()
}
