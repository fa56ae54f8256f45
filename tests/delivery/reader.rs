//! A reader: a client that keeps its cursor as a browser does, and knows what it ought to hear.

use crampon::action::Replay;
use crampon::protocol::websocket::masked;
use crampon::reactor::Peer;

use crate::channels::{CHANNELS, Path, is_kept};
use crate::ear::{Ear, Heard};
use crate::house::House;
use crate::truth::Truth;
use crate::way::Way;

/// A client of one path, whatever way it comes.
pub struct Reader {
    pub path: &'static Path,
    /// As a browser keeps it; empty before the first.
    pub cursor: String,
    pub call: Option<Call>,
    pub places: [Place; CHANNELS.len()],
    /// How many messages it was told were dropped in this call, and has not missed yet.
    pub dropped: u64,
    /// It was told of another gap in this call, which may be why it misses a message.
    pub has_other_gap: bool,
    /// The message of which it has heard some parts in this call: channel, number, parts.
    pub partly: Option<(usize, u64, u64)>,
}

/// A request under way, or its connection waiting for the next.
pub struct Call {
    pub peer: Peer,
    pub way: Way,
    ear: Ear,
    /// The answer is whole, and another request may follow.
    pub is_free: bool,
    /// Its request has been read.
    has_arrived: bool,
    /// It did not always take what there was.
    pub is_strained: bool,
}

/// How far a reader has heard one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It came without a cursor when so many were published.
    New(u64),
    /// All up to this number was heard, or is accounted for.
    At(u64),
    /// All up to `after` was, and what follows up to `through` was dropped; until its cursor has
    /// passed that it may hear it yet, when it comes back.
    Dropped { after: u64, through: u64 },
    /// All up to `after` was, and then a gap was told; all up to `excused` may have been lost
    /// to it, and what is later if its channel no longer keeps it, or may have dropped it.
    Gap { after: u64, excused: u64 },
}

impl Place {
    /// The last number that was heard for certain.
    pub fn heard(self) -> u64 {
        match self {
            Self::New(_) => 0,
            Self::At(last) => last,
            Self::Dropped { after, .. } | Self::Gap { after, .. } => after,
        }
    }
}

impl Reader {
    pub fn new(path: &'static Path) -> Self {
        Self {
            path,
            cursor: String::new(),
            call: None,
            places: [Place::New(0); CHANNELS.len()],
            dropped: 0,
            has_other_gap: false,
            partly: None,
        }
    }

    /// Asks, on the connection it has if that is free.
    pub fn ask(&mut self, way: Way, house: &House) {
        let truth = house.truth.borrow();
        for channel in self.path.channels {
            let place = &mut self.places[*channel];
            *place = match *place {
                // What is said while it is away is not for it.
                place if !is_kept(*channel) => {
                    Place::Gap { after: place.heard(), excused: truth.last(*channel) }
                }
                Place::Dropped { after, .. } if !self.cursor.is_empty() => Place::At(after),
                _ if self.cursor.is_empty() => Place::New(truth.last(*channel)),
                place => place,
            };
        }
        self.count_on_cursor(&truth);
        self.partly = None;
        self.dropped = 0;
        self.has_other_gap = false;
        let reused = self.call.take().filter(|call| call.is_free && !call.peer.is_closed());
        let is_strained = reused.as_ref().is_some_and(|call| call.is_strained);
        let peer = reused.map_or_else(|| house.connect(), |call| call.peer);
        peer.send(&way.request(self.path.route, &self.cursor));
        let ear = Ear::new(way);
        self.call = Some(Call { peer, way, ear, is_free: false, has_arrived: false, is_strained });
    }

    /// Leaves its call, and goes by its cursor from now on.
    pub fn leave(&mut self, truth: &Truth) {
        self.call = None;
        self.count_on_cursor(truth);
    }

    /// What it was still to be told of the past as a newcomer it is told by its cursor.
    fn count_on_cursor(&mut self, truth: &Truth) {
        for channel in self.path.channels {
            if let Place::New(_) = self.places[*channel]
                && let Some(claimed) = truth.claimed(*channel, &self.cursor)
            {
                self.places[*channel] = Place::At(claimed);
            }
        }
    }

    /// Notes that its request has been read by now: more may have been published before.
    pub fn arrive(&mut self, truth: &Truth) {
        let Some(call) = &mut self.call else { return };
        if std::mem::replace(&mut call.has_arrived, true) {
            return;
        }
        for channel in self.path.channels {
            if let Place::New(last) = &mut self.places[*channel] {
                *last = truth.last(*channel);
            }
        }
    }

    /// Hears so much of what has arrived; `true` if that was anything.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn hear(&mut self, bytes_max: usize, truth: &Truth) -> Result<bool, String> {
        let Some(call) = &mut self.call else { return Ok(false) };
        let mut bytes = call.peer.receive();
        let has_ended = call.peer.has_finished() || call.peer.is_closed();
        let is_cut = bytes.len() > bytes_max;
        bytes.truncate(bytes_max);
        let heard = call.ear.take(&bytes)?;
        if is_cut {
            // What it did not hear of that is lost to it: it has to come again.
            call.peer.reset();
        }
        let is_gone = is_cut || has_ended;
        for heard in heard {
            if self.take(heard, truth)? {
                self.call = None;
                break;
            }
        }
        if is_gone {
            self.call = None;
        }
        Ok(!bytes.is_empty())
    }

    /// Takes one thing it heard; `true` if its call is over with that.
    fn take(&mut self, heard: Heard, truth: &Truth) -> Result<bool, String> {
        match heard {
            Heard::Event { id, name, data } => {
                if name.as_deref() == Some("crampon.close") {
                    return self.close(&data);
                }
                self.judge(name.as_deref(), &data, truth)
                    .map_err(|error| format!("{error}: heard {name:?} {id:?} `{data}`"))?;
                if let Some(id) = id {
                    self.stand_at(id, truth)?;
                }
            }
            Heard::Position(id) => self.stand_at(id, truth)?,
            Heard::Ping => {
                let mut pong = Vec::new();
                masked::encode_pong(&mut pong, [7; 4], b"");
                if let Some(call) = &self.call
                    && !call.peer.is_closed()
                {
                    call.peer.send(&pong);
                }
            }
            Heard::Answered { keeps_alive } => {
                if let Some(call) = &mut self.call {
                    call.is_free = true;
                }
                return Ok(!keeps_alive);
            }
            Heard::Closed { reason } => return self.close(&reason),
        }
        Ok(false)
    }

    /// Is told that it is closed.
    fn close(&self, reason: &str) -> Result<bool, String> {
        match self.is_strained() {
            true if reason.starts_with("too slow: ") => Ok(true),
            _ => Err(format!("was closed: {reason}")),
        }
    }

    /// Whether it can be told that it is slow.
    pub fn is_strained(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.is_strained)
    }

    /// Keeps a cursor, and checks that it claims what was heard, no more and no less.
    fn stand_at(&mut self, cursor: String, truth: &Truth) -> Result<(), String> {
        for channel in self.path.channels.iter().copied().filter(|channel| is_kept(*channel)) {
            let claimed = truth.claimed(channel, &cursor);
            let claimed = claimed.ok_or_else(|| format!("the cursor `{cursor}` is no server's"))?;
            let claimed = self.last_visible(claimed);
            self.skip_dropped(channel, claimed + 1, truth);
            let place = self.places[channel];
            self.places[channel] = match place {
                // It is still being told of the past; of each channel some is left out.
                Place::New(last) if self.path.replay != Replay::None && claimed < last => place,
                Place::New(_) => Place::At(claimed.max(truth.before_server(channel))),
                Place::At(last) if self.last_visible(last) < claimed => {
                    if self.next_owed(channel, place, truth) > claimed {
                        continue;
                    }
                    return Err(format!("{cursor} claims {claimed} of {channel}: {place:?}"));
                }
                Place::Dropped { through, .. } if through <= claimed => {
                    if self.next_owed(channel, place, truth) <= claimed {
                        return Err(format!("{cursor} claims {claimed} of {channel}: {place:?}"));
                    }
                    Place::At(claimed)
                }
                Place::Dropped { after, through } => {
                    Place::Dropped { after: after.max(claimed), through }
                }
                place => place,
            };
        }
        self.cursor = cursor;
        Ok(())
    }

    /// Checks that it has heard all there is.
    pub fn expect_all(&self, truth: &Truth, is_after_all: bool) -> Result<(), String> {
        let is_exact =
            !self.has_other_gap && !self.path.manner.shapes() && !truth.is_past_cut_short;
        if self.dropped > 0 && is_exact {
            return Err(format!("{} were told to be dropped and were not", self.dropped));
        }
        let is_stream = self.call.as_ref().is_some_and(|call| !call.way.is_poll());
        if is_stream && self.cursor.is_empty() {
            return Err("it was never told where it stands".into());
        }
        for channel in self.path.channels.iter().filter(|channel| is_kept(**channel)) {
            let last = self.last_visible(truth.last(*channel));
            let place = self.places[*channel];
            let is_there = match place {
                Place::At(heard) => self.last_visible(heard) == last,
                Place::New(before) => self.last_visible(before) == last,
                Place::Dropped { .. } => !is_after_all,
                Place::Gap { .. } => {
                    let may_be = !is_after_all || truth.is_past_cut_short;
                    may_be && self.next_owed(*channel, place, truth) > last
                }
            };
            if !is_there {
                return Err(format!("{last} of {channel} was said at last: {place:?}"));
            }
        }
        Ok(())
    }

    pub fn describe(&self) -> String {
        let places = self.path.channels.iter().map(|at| format!("{at}:{:?}", self.places[*at]));
        let places: Vec<String> = places.collect();
        format!("{} `{}` {}", self.path.route, self.cursor, places.join(" "))
    }
}
