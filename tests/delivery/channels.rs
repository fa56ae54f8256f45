//! The channels of the house, each kept by other rules, and the paths they are heard on.

use crampon::prelude::*;

/// What is published on, by index.
pub static CHANNELS: [Channel; 11] = [
    Channel::new("short").history(4),
    Channel::new("long").history(1000).event("said"),
    Channel::new("aged").history_for(Duration::from_secs(20)),
    Channel::new("bytes").history_bytes(600),
    Channel::new("rows").history(12).numbered(),
    Channel::new("oldest").history(40).overflow(Overflow::DropOldest),
    Channel::new("newest").history(40).overflow(Overflow::DropNewest),
    Channel::new("latest").history(40).overflow(Overflow::Latest).event("price"),
    Channel::new("fading").history(20).forgotten_after(Duration::from_secs(15)),
    Channel::new("plain"),
    Channel::new("source"),
];

pub const SHORT: usize = 0;
pub const LONG: usize = 1;
pub const AGED: usize = 2;
pub const BYTES: usize = 3;
pub const ROWS: usize = 4;
pub const OLDEST: usize = 5;
pub const NEWEST: usize = 6;
pub const LATEST: usize = 7;
pub const FADING: usize = 8;
pub const PLAIN: usize = 9;
/// What is said here a service says again on [`LONG`] and [`PLAIN`].
pub const SOURCE: usize = 10;

/// Whether the events of a channel have cursors.
pub fn is_kept(channel: usize) -> bool {
    !matches!(channel, PLAIN | SOURCE)
}

/// Whether a channel drops what slow readers leave.
pub fn drops(channel: usize) -> bool {
    matches!(channel, OLDEST | NEWEST | LATEST)
}

/// The name events of a channel have.
pub fn event_name(channel: usize) -> &'static str {
    match channel {
        LONG => "said",
        LATEST => "price",
        _ => "message",
    }
}

/// What the action of a path does with what it hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Passes it on as it is.
    Passing,
    /// Says it in as many parts as [`parts_of`] has it.
    Shaping,
    /// Passes it on, and answers a gap with how far everything has got.
    Telling,
    /// Both.
    ShapingAndTelling,
    /// Passes it on, and has its viewers wait before it starts.
    Holding,
}

impl Manner {
    pub fn shapes(self) -> bool {
        matches!(self, Self::Shaping | Self::ShapingAndTelling)
    }

    pub fn tells(self) -> bool {
        matches!(self, Self::Telling | Self::ShapingAndTelling)
    }
}

/// How many events become of a message where it is shaped.
pub fn parts_of(number: u64) -> u64 {
    number % 3
}

/// Where something is heard.
#[derive(Debug)]
pub struct Path {
    pub route: &'static str,
    pub channels: &'static [usize],
    pub manner: Manner,
    pub replay: Replay,
}

const fn path(route: &'static str, channels: &'static [usize], manner: Manner) -> Path {
    Path { route, channels, manner, replay: Replay::None }
}

pub static PATHS: [Path; 18] = [
    path("/long", &[LONG], Manner::Passing),
    path("/several", &[SHORT, LONG, AGED, BYTES], Manner::Passing),
    path("/short", &[SHORT], Manner::Passing),
    path("/shaped", &[LONG], Manner::Shaping),
    path("/shaped/several", &[SHORT, LONG, BYTES], Manner::Shaping),
    path("/rows", &[ROWS], Manner::Passing),
    path("/rows/shaped", &[ROWS, PLAIN], Manner::Shaping),
    path("/oldest", &[OLDEST], Manner::Passing),
    path("/newest", &[NEWEST], Manner::Passing),
    path("/latest", &[LATEST], Manner::Passing),
    path("/drops", &[OLDEST, NEWEST, LATEST, LONG], Manner::Passing),
    path("/drops/shaped", &[OLDEST, NEWEST, LATEST], Manner::Shaping),
    path("/told", &[SHORT, OLDEST, LATEST], Manner::Telling),
    path("/told/shaped", &[SHORT, NEWEST], Manner::ShapingAndTelling),
    path("/fading", &[FADING, LONG], Manner::Passing),
    path("/mixed", &[LONG, PLAIN], Manner::Passing),
    path("/held", &[SHORT, LONG], Manner::Holding),
    Path { replay: Replay::Last(3), ..path("/replayed", &[SHORT, LONG], Manner::Passing) },
];
