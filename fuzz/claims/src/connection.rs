//! The whole server: whatever is said to it, in whatever pieces and at whatever times, what must
//! hold does.

use std::time::Duration;

use crampon::reactor::{Peer, Weather};

use crate::house::{CHANNELS, House, Width};
use crate::strict::Ear;

/// Claims it for a house in which happens what the bytes say: the first its chance, the second how
/// wide it is, then steps of a letter and a number, and bytes to send.
pub fn connection(input: &[u8]) {
    let [seed, width, steps @ ..] = input else { return };
    let mut play = Play::new(*seed, *width, input);
    let outcome = play.act(steps).and_then(|()| play.end());
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

struct Play {
    house: House,
    guests: [Option<Guest>; GUESTS],
    /// The one whose turn it is.
    at: usize,
    /// Nobody says HEAD, whose answer is read differently.
    is_judged: bool,
}

struct Guest {
    peer: Peer,
    ear: Ear,
    has_finished: bool,
    /// It, or what is between, takes too little, and may be given up in the middle of something.
    is_slow: bool,
    is_over: bool,
}

impl Play {
    fn new(seed: u8, width: u8, input: &[u8]) -> Self {
        let width = Width {
            outbox_bytes_max: if width & 1 == 0 { 1 << 20 } else { 2_000 },
            memory_bytes: if width & 2 == 0 { 1 << 28 } else { 60_000 },
            connections_max: if width & 4 == 0 { 0 } else { 2 },
            is_strict: width & 8 != 0,
        };
        Self {
            house: House::new(seed.into(), width),
            guests: [const { None }; GUESTS],
            at: 0,
            is_judged: !input.windows(4).any(|four| four == b"HEAD"),
        }
    }

    fn act(&mut self, mut steps: &[u8]) -> Result<(), String> {
        while let [step, number, rest @ ..] = steps {
            steps = rest;
            let number = *number;
            let millis = |millis: u64| Duration::from_millis(millis);
            match step {
                b's' | b'S' => {
                    let count = usize::from(number) * if *step == b'S' { 32 } else { 1 };
                    let (sent, rest) = steps.split_at(count.min(steps.len()));
                    steps = rest;
                    self.send(sent);
                }
                b't' => self.house.pass(millis(number.into()))?,
                b'T' => self.house.pass(millis(u64::from(number) * 250))?,
                b'j' => self.house.stall(millis(u64::from(number) * 250)),
                b'g' => self.at = usize::from(number) % GUESTS,
                b'h' => self.hear()?,
                b'f' => {
                    if let Some(guest) = &mut self.guests[self.at] {
                        guest.has_finished = true;
                        guest.peer.finish();
                    }
                }
                b'r' => {
                    if let Some(guest) = &mut self.guests[self.at] {
                        guest.peer.reset();
                    }
                }
                b'd' => self.guests[self.at] = None,
                b'w' => self.narrow((number < 255).then(|| usize::from(number) * 16)),
                b'p' => self.house.publish(usize::from(number) % CHANNELS.len(), number.into()),
                b'q' => self.house.hold_work(number & 1 == 0),
                b'x' => self.house.stop(),
                b'm' => self.house.set_weather(match number % 3 {
                    0 => Weather::CALM,
                    1 => Weather::ROUGH,
                    _ => Weather::STORMY,
                }),
                _ => {}
            }
        }
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) {
        if self.guests[self.at].is_none() {
            let Some(peer) = self.house.connect() else { return };
            let ear = Ear::of_a_stranger();
            // Whatever the weather is, it may have been another.
            let guest = Guest { peer, ear, has_finished: false, is_slow: true, is_over: false };
            self.guests[self.at] = Some(guest);
        }
        if let Some(guest) = &self.guests[self.at]
            && !guest.has_finished
        {
            guest.peer.send(bytes);
        }
    }

    fn narrow(&mut self, window: Option<usize>) {
        if let Some(guest) = &mut self.guests[self.at] {
            guest.is_slow = true;
            guest.peer.set_window(window);
        }
    }

    fn hear(&mut self) -> Result<(), String> {
        for guest in self.guests.iter_mut().flatten() {
            let bytes = guest.peer.receive();
            if !self.is_judged {
                continue;
            }
            guest.ear.take(&bytes)?;
            let was_cut = guest.peer.was_reset();
            if !guest.is_over && (guest.peer.has_finished() || guest.peer.is_closed() || was_cut) {
                guest.is_over = true;
                guest.ear.end(was_cut || guest.is_slow)?;
            }
        }
        Ok(())
    }

    /// Everybody listens for long, then goes, and nothing is left.
    fn end(&mut self) -> Result<(), String> {
        self.house.hold_work(false);
        self.house.set_weather(Weather::CALM);
        for guest in self.guests.iter().flatten() {
            guest.peer.set_window(None);
        }
        for _ in 0..10 {
            self.house.pass(Duration::from_secs(10))?;
            self.hear()?;
        }
        self.guests = [const { None }; GUESTS];
        self.house.pass(Duration::from_secs(200))?;
        self.house.check_empty()
    }
}

/// Connections at a time.
const GUESTS: usize = 3;
