//! What a server holds at one moment.

use std::fmt;
use std::io::{self, Read};

use crampon_benches::{Child, open};

/// What can leak.
#[derive(Clone, Copy, Debug)]
pub struct Vitals {
    pub resident_bytes: u64,
    pub open_files: usize,
    pub actions: usize,
}

impl Vitals {
    /// Looks at a server.
    ///
    /// # Errors
    /// That it does not answer.
    pub fn of(server: &Child) -> io::Result<Self> {
        let head = "GET /census HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        // Taken while its own connection is open: one file more, at every look.
        let mut asking = open(server.address, head)?;
        let (resident_bytes, open_files) = (server.resident_bytes()?, server.open_files()?);
        asking.read_to_string(&mut answer)?;
        Ok(Self { resident_bytes, open_files, actions: figure(&answer, "actions")? })
    }
}

impl Vitals {
    /// Whether as little is open as in a server that nobody has come to.
    pub fn is_as_empty_as(&self, empty: &Self) -> bool {
        self.open_files <= empty.open_files && self.actions <= empty.actions
    }

    /// Whether it is as small as it was when others like these had left.
    pub fn is_as_small_as(&self, before: &Self) -> bool {
        let slack = (before.resident_bytes / 10).max(SLACK_BYTES);
        self.resident_bytes <= before.resident_bytes + slack
    }
}

/// What an allocator may keep between what is in use; of a large server a tenth.
const SLACK_BYTES: u64 = 4 << 20;

impl fmt::Display for Vitals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident_bytes, open_files, actions } = self;
        let mebibytes = *resident_bytes as f64 / (1 << 20) as f64;
        write!(f, "{mebibytes:>8.1} MiB resident{open_files:>8} open files{actions:>8} actions")
    }
}

/// Reads a figure from lines of names and figures.
fn figure(text: &str, name: &str) -> io::Result<usize> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
    let found = pairs.find(|(called, _)| *called == name).map(|(_, figure)| figure.parse());
    match found {
        Some(Ok(figure)) => Ok(figure),
        _ => Err(io::Error::other(format!("the server says no `{name}` in `{text}`"))),
    }
}
