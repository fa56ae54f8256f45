//! What a server holds at one moment.

use std::fmt;
use std::io::{self, Read};

use crampon_benches::{Child, open};

/// What can leak.
#[derive(Clone, Copy, Debug)]
pub struct Vitals {
    resident_bytes: u64,
    open_files: usize,
    /// In the order of [`GAUGES`].
    gauges: [u64; GAUGES.len()],
}

/// Of all it tells of itself, what guests leave behind if anything: the family, what to call it in
/// the table, and what becomes of it when they go.
const GAUGES: [(&str, &str, Left); 8] = [
    ("crampon_connections", "connections", Left::Nothing),
    ("crampon_sessions", "sessions", Left::Nothing),
    ("crampon_subscriptions", "subscriptions", Left::Nothing),
    ("crampon_present", "present", Left::Nothing),
    ("crampon_jobs", "jobs", Left::Nothing),
    ("crampon_outbox_bytes", "outbox bytes", Left::Nothing),
    ("crampon_timers", "timers", Left::AsMuch),
    ("crampon_channels", "channels", Left::AsMuch),
];

/// What may be left of something when all guests have gone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// As much as before anybody came.
    Nothing,
    /// As much as after those who came first: channels are kept for a while, for those who come
    /// back, and that while has a timer.
    AsMuch,
}

impl Vitals {
    /// Looks at a server.
    ///
    /// # Errors
    /// That it does not answer.
    pub fn of(server: &Child) -> io::Result<Self> {
        let head = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        // Taken while its own connection is open: one more, at every look.
        let mut asking = open(server.address, head)?;
        let (resident_bytes, open_files) = (server.resident_bytes()?, server.open_files()?);
        asking.read_to_string(&mut answer)?;
        let mut gauges = [0; GAUGES.len()];
        for (gauge, (family, ..)) in gauges.iter_mut().zip(GAUGES) {
            *gauge = sum(&answer, family)?;
        }
        Ok(Self { resident_bytes, open_files, gauges })
    }

    /// Whether nothing is left of those who came.
    pub fn is_as_empty_as(&self, before: &Self) -> bool {
        self.open_files <= before.open_files && self.is_back(before, Left::Nothing)
    }

    /// Whether no more is kept than after others like those who came.
    pub fn keeps_no_more_than(&self, before: &Self) -> bool {
        self.is_back(before, Left::AsMuch)
    }

    /// Whether it is as small as it was when others like these had left.
    pub fn is_as_small_as(&self, before: &Self) -> bool {
        let slack = (before.resident_bytes / 10).max(SLACK_BYTES);
        self.resident_bytes <= before.resident_bytes + slack
    }

    fn is_back(&self, before: &Self, which: Left) -> bool {
        let pairs = self.gauges.iter().zip(before.gauges).zip(GAUGES);
        pairs.filter(|(_, (.., left))| *left == which).all(|((now, before), _)| *now <= before)
    }

    /// The heading of a table of them.
    pub fn heading() -> String {
        let names = ["MiB resident", "open files"].into_iter();
        let names = names.chain(GAUGES.map(|(_, name, _)| name));
        names.map(|name| format!("{name:>15}")).collect()
    }
}

/// What an allocator may keep between what is in use; of a large server a tenth.
const SLACK_BYTES: u64 = 4 << 20;

impl fmt::Display for Vitals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.resident_bytes as f64 / f64::from(1 << 20);
        write!(f, "{mebibytes:>15.1}{:>15}", self.open_files)?;
        self.gauges.iter().try_for_each(|gauge| write!(f, "{gauge:>15}"))
    }
}

/// Adds up all samples of a family in the text format of Prometheus.
fn sum(text: &str, family: &str) -> io::Result<u64> {
    let samples = text.lines().filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        let name = name.split_once('{').map_or(name, |(name, _)| name);
        (name == family).then(|| value.parse::<u64>())
    });
    let found: Result<Vec<u64>, _> = samples.collect();
    match found {
        Ok(samples) if !samples.is_empty() => Ok(samples.iter().sum()),
        _ => Err(io::Error::other(format!("the server tells no `{family}` in `{text}`"))),
    }
}
