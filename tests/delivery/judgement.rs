//! What a reader makes of what it hears: whether that was to come, and how far it has heard.

use crampon::action::Replay;
use serde_json::Value;

use crate::channels::{drops, event_name, parts_of};
use crate::reader::{Place, Reader};
use crate::truth::Truth;

impl Reader {
    /// Judges one event.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn judge(&mut self, name: Option<&str>, data: &str, truth: &Truth) -> Result<(), String> {
        if name == Some("crampon.gap") {
            return self.miss(data, truth);
        }
        if let Some(lasts) = data.strip_prefix("so far ") {
            return self.learn(lasts);
        }
        let (part, text) = match self.path.manner.shapes() {
            true => data.split_once(':').ok_or("it has no part")?,
            false => ("1/1", data),
        };
        let numbers = |text: &str, mark: char| -> Option<(u64, u64)> {
            let (one, other) = text.split_once(mark)?;
            Some((one.parse().ok()?, other.parse().ok()?))
        };
        let (part, parts) = numbers(part, '/').ok_or("it has no part")?;
        let head: Vec<&str> = text.splitn(3, ':').take(2).collect();
        let (channel, number) = numbers(&head.join(":"), ':').ok_or("it has no number")?;
        let channel = channel as usize;
        if !self.path.channels.contains(&channel) {
            return Err("it is of another channel".into());
        }
        let said = truth.said(channel, number).ok_or("it was never published")?;
        if said.text != text {
            return Err(format!("it was published as `{}`", said.text));
        }
        if !self.path.manner.shapes() && name.is_some_and(|name| name != event_name(channel)) {
            return Err("it has another name".into());
        }
        let expected = match self.partly.take() {
            Some((of, at, heard)) if (of, at) == (channel, number) => heard + 1,
            Some(partly) => return Err(format!("the rest of {partly:?} is missing")),
            None => 1,
        };
        if part != expected {
            return Err(format!("part {expected} was to come"));
        }
        let is_first = part == 1;
        if is_first {
            self.follow(channel, number, truth)?;
        }
        // A raw poll has room for one event of a message.
        let is_raw = self.call.as_ref().is_some_and(|call| call.way.is_raw());
        if part < parts && !is_raw {
            self.partly = Some((channel, number, part));
        } else {
            self.places[channel] = Place::At(number);
        }
        Ok(())
    }

    /// Checks that nothing is missing between what it has heard of a channel and this.
    fn follow(&mut self, channel: usize, number: u64, truth: &Truth) -> Result<(), String> {
        self.skip_dropped(channel, number, truth);
        let place = self.places[channel];
        let least = match place {
            Place::New(last) => match self.path.replay {
                Replay::Last(count) => last.saturating_sub(count as u64) + 1,
                _ => 1,
            },
            Place::At(last)
            | Place::Dropped { after: last, .. }
            | Place::Gap { after: last, .. } => last + 1,
        };
        let most = self.next_owed(channel, place, truth);
        match number {
            _ if number < least => Err(format!("it was heard before: {place:?}")),
            _ if number > most => Err(format!("{most} was to come, of {place:?}")),
            _ => Ok(()),
        }
    }

    /// Leaves out what was dropped before a number, as far as that was told.
    pub fn skip_dropped(&mut self, channel: usize, number: u64, truth: &Truth) {
        while drops(channel) && self.dropped > 0 {
            let place = self.places[channel];
            let owed = self.next_owed(channel, place, truth);
            if owed >= number {
                return;
            }
            self.dropped -= 1;
            self.places[channel] = match place {
                Place::New(_) => Place::New(owed),
                Place::At(after) | Place::Dropped { after, .. } => {
                    Place::Dropped { after, through: owed }
                }
                Place::Gap { after, .. } => Place::Gap { after, excused: owed },
            };
        }
    }

    /// The first number after a place that is owed to this reader.
    pub fn next_owed(&self, channel: usize, place: Place, truth: &Truth) -> u64 {
        let is_excused = |number| match place {
            Place::Gap { .. } => truth.may_be_lost(channel, number),
            _ => truth.may_be_superseded(channel, number),
        };
        let mut next = match place {
            Place::New(last) | Place::At(last) | Place::Dropped { through: last, .. } => {
                self.next_visible(last)
            }
            Place::Gap { after, excused } => self.next_visible(after.max(excused)),
        };
        while is_excused(next) {
            next = self.next_visible(next);
        }
        next
    }

    /// The next number after one that this reader is told anything of.
    fn next_visible(&self, number: u64) -> u64 {
        let shapes = self.path.manner.shapes();
        let mut next = number + 1;
        while shapes && parts_of(next) == 0 {
            next += 1;
        }
        next
    }

    /// The last number up to one that this reader is told anything of.
    pub fn last_visible(&self, number: u64) -> u64 {
        let shapes = self.path.manner.shapes();
        let mut last = number;
        while shapes && last > 0 && parts_of(last) == 0 {
            last -= 1;
        }
        last
    }

    /// Is told that it has missed something.
    fn miss(&mut self, data: &str, truth: &Truth) -> Result<(), String> {
        let gap: Value = serde_json::from_str(data).map_err(|error| error.to_string())?;
        let reason = gap["reason"].as_str().unwrap_or_default();
        match (reason, gap["dropped"].as_u64()) {
            ("expired" | "epoch", None) => self.has_other_gap = true,
            ("dropped", Some(dropped)) if self.is_strained() => {
                self.dropped += dropped;
                return Ok(());
            }
            _ => return Err("no such gap can be".into()),
        }
        self.partly = None;
        // A poll has room for the gap, and none for what an action says of it.
        let is_raw = self.call.as_ref().is_some_and(|call| call.way.is_raw());
        let is_all_lost = reason == "epoch" || is_raw && self.path.manner.tells();
        for channel in self.path.channels {
            let excused = match self.places[*channel] {
                _ if is_all_lost => truth.last(*channel),
                Place::New(before) => before,
                Place::Gap { excused, .. } => excused,
                Place::At(_) | Place::Dropped { .. } => 0,
            };
            let after = self.places[*channel].heard();
            self.places[*channel] = Place::Gap { after, excused };
        }
        Ok(())
    }

    /// Is told how far everything has got.
    fn learn(&mut self, lasts: &str) -> Result<(), String> {
        for last in lasts.split(' ') {
            let (channel, number) = last.split_once('=').ok_or("it tells of no channel")?;
            let channel: usize = channel.parse().map_err(|_| "it tells of no channel")?;
            let number: u64 = number.parse().map_err(|_| "it tells of no number")?;
            if self.places[channel].heard() > number {
                return Err(format!("it is behind {:?} of {channel}", self.places[channel]));
            }
            self.places[channel] = Place::At(number);
        }
        self.dropped = 0;
        self.partly = None;
        Ok(())
    }
}
