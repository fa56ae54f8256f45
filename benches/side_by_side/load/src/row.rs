//! The rows of the table: what is asked of each server.

use crate::opening::Wire;
use crate::servers::Skill;

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub work: Work,
    /// Measured unless other rows are chosen.
    pub is_usual: bool,
}

/// What happens in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// So many connections keep so many requests in flight each.
    Exchange { ask: Ask, connections: usize, depth: usize },
    /// One publishes, so many messages at once, when all have heard the last.
    FanOut { wire: Wire, subscribers: usize, at_once: usize, bytes: usize },
    /// Each of so many connections ticks once a second.
    Ticks { wire: Wire, connections: usize },
    /// So many at once connect, say what they have to, and leave; and then the next.
    Visits { visit: Visit, at_once: usize },
    /// So many connections do nothing, or nothing any more.
    Idle { wire: Wire, connections: usize, touched: bool },
    /// A server is started, until its first answer.
    StartUp,
    /// A server lies on the disk.
    Size,
}

/// What is asked, and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Echo { bytes: usize },
    PackedEcho { bytes: usize },
    Get,
    Post { bytes: usize },
}

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// A GET that closes.
    Get,
    /// A WebSocket that is closed at once.
    Handshake,
}

impl Work {
    /// What its figure counts.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Exchange { ask: Ask::Echo { .. } | Ask::PackedEcho { .. }, .. } => "us/message",
            Self::Exchange { .. } => "us/request",
            Self::FanOut { .. } => "us/delivery",
            Self::Ticks { .. } => "% of a core",
            Self::Visits { .. } => "us/connection",
            Self::Idle { .. } => "B/connection",
            Self::StartUp => "ms",
            Self::Size => "MiB",
        }
    }

    /// Whether a server is loaded in it, and so makes system calls worth counting.
    pub fn loads(self) -> bool {
        !matches!(self, Self::Idle { .. } | Self::StartUp | Self::Size)
    }

    /// The paths of the contract it takes.
    pub fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Exchange { ask: Ask::Echo { .. }, .. } => &["/echo"],
            Self::Exchange { ask: Ask::PackedEcho { .. }, .. } => &["/deflate"],
            Self::Exchange { ask: Ask::Get, .. } => &["/hello"],
            Self::Exchange { ask: Ask::Post { .. }, .. } => &["/length"],
            Self::FanOut { wire: Wire::WebSocket, .. } => &["/subscribe", "/publish"],
            Self::FanOut { wire: Wire::Packed, .. } => &["/subscribe-deflate", "/publish"],
            Self::FanOut { wire: Wire::Events, .. } => &["/events", "/publish"],
            Self::Ticks { wire: Wire::Events, .. } => &["/ticks"],
            Self::Ticks { .. } => &["/tick"],
            Self::Visits { visit: Visit::Get, .. } => &["/hello"],
            Self::Visits { visit: Visit::Handshake, .. } => &["/echo"],
            Self::Idle { wire: Wire::Events, .. } => &["/events"],
            Self::Idle { .. } => &["/echo"],
            Self::StartUp | Self::Size => &[],
        }
    }

    /// What it takes beside them.
    pub fn skill(self) -> Option<Skill> {
        match self {
            Self::Exchange { ask: Ask::Get | Ask::Post { .. }, depth: 2.., .. } => {
                Some(Skill::Pipelining)
            }
            Self::Visits { visit: Visit::Get, .. } => Some(Skill::Close),
            _ => None,
        }
    }
}

/// All rows there are.
pub fn all() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |name: String, is_usual, work| rows.push(Row { name, work, is_usual });
    for connections in [1, 64, 1000] {
        for bytes in [16, 125, 1024, 16_384] {
            for depth in [1, 16] {
                let name = format!("echo-c{connections}-{bytes}b-d{depth}");
                let is_usual = USUAL_ECHOES.contains(&&name[..]);
                row(
                    name,
                    is_usual,
                    Work::Exchange { ask: Ask::Echo { bytes }, connections, depth },
                );
            }
        }
    }
    let bytes = 1024;
    let (ask, connections, depth) = (Ask::PackedEcho { bytes }, 64, 1);
    row("echo-deflate-c64-1024b".into(), true, Work::Exchange { ask, connections, depth });
    for (name, wire) in [("wsfan", Wire::WebSocket), ("ssefan", Wire::Events)] {
        for subscribers in [1000, 10_000] {
            for at_once in [1, 16] {
                let work = Work::FanOut { wire, subscribers, at_once, bytes: 125 };
                row(format!("{name}-n{subscribers}-w{at_once}"), true, work);
            }
        }
        let work = Work::FanOut { wire, subscribers: 1000, at_once: 1, bytes: 16_384 };
        row(format!("{name}-n1000-16384b-w1"), true, work);
        for at_once in [1, 16] {
            let work = Work::FanOut { wire, subscribers: 1000, at_once, bytes: 1024 };
            row(format!("{name}-n1000-1024b-w{at_once}"), wire == Wire::WebSocket, work);
        }
    }
    for at_once in [1, 16] {
        let work = Work::FanOut { wire: Wire::Packed, subscribers: 1000, at_once, bytes: 1024 };
        row(format!("wsfan-deflate-n1000-1024b-w{at_once}"), true, work);
    }
    for (name, wire) in [("sse", Wire::Events), ("ws", Wire::WebSocket)] {
        row(format!("tick-{name}-10000"), true, Work::Ticks { wire, connections: 10_000 });
    }
    let connections = 64;
    for depth in [1, 16] {
        let work = Work::Exchange { ask: Ask::Get, connections, depth };
        row(format!("http-get-c64-d{depth}"), true, work);
    }
    for (name, bytes) in [("128", 128), ("16k", 16_384)] {
        let work = Work::Exchange { ask: Ask::Post { bytes }, connections, depth: 1 };
        row(format!("http-post{name}-c64"), true, work);
    }
    row("http-churn-c32".into(), true, Work::Visits { visit: Visit::Get, at_once: 32 });
    row("ws-handshake-c32".into(), true, Work::Visits { visit: Visit::Handshake, at_once: 32 });
    for (name, wire, touched) in [
        ("idle-ws-10000", Wire::WebSocket, false),
        ("idle-ws-10000-touched", Wire::WebSocket, true),
        ("idle-sse-10000", Wire::Events, false),
    ] {
        row(name.into(), true, Work::Idle { wire, connections: 10_000, touched });
    }
    row("startup".into(), true, Work::StartUp);
    row("size".into(), true, Work::Size);
    rows
}

/// The rows that say what a delivery and a connection cost over the number of connections.
pub fn scale() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, wire) in [("ws", Wire::WebSocket), ("sse", Wire::Events)] {
        for connections in [100, 300, 1000, 3000, 10_000] {
            for at_once in [1, 16] {
                let subscribers = connections;
                let work = Work::FanOut { wire, subscribers, at_once, bytes: 125 };
                let name = format!("{name}fan-n{subscribers}-w{at_once}");
                rows.push(Row { name, work, is_usual: true });
            }
            let work = Work::Idle { wire, connections, touched: false };
            rows.push(Row { name: format!("idle-{name}-{connections}"), work, is_usual: true });
        }
    }
    rows
}

/// The echoes that are measured unless others are chosen.
const USUAL_ECHOES: [&str; 9] = [
    "echo-c1-16b-d1",
    "echo-c64-125b-d1",
    "echo-c64-125b-d16",
    "echo-c64-1024b-d1",
    "echo-c64-1024b-d16",
    "echo-c64-16384b-d1",
    "echo-c64-16384b-d16",
    "echo-c1000-125b-d1",
    "echo-c1000-125b-d16",
];

/// The usual of the rows whose names have one of the words, and any that a word names whole; all
/// usual ones without words.
pub fn chosen(mut rows: Vec<Row>, words: &[String], is_all: bool) -> Vec<Row> {
    rows.retain(|row| {
        let is_named = words.is_empty() || words.iter().any(|word| row.name.contains(&word[..]));
        let is_meant = words.contains(&row.name);
        is_meant || is_named && (is_all || row.is_usual)
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str], is_all: bool) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| word.to_string()).collect();
        chosen(all(), &words, is_all).into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn every_usual_echo_is_a_row() {
        let echoes = names(&["echo-c"], false);
        assert_eq!(echoes.len(), USUAL_ECHOES.len());
    }

    #[test]
    fn the_scale_has_each_wire_with_each_number() {
        let named = |word: &str| chosen(scale(), &[word.to_owned()], false).len();
        assert_eq!(
            (named("wsfan"), named("ssefan"), named("idle"), named("n3000")),
            (10, 10, 10, 4)
        );
    }

    #[test]
    fn words_choose_rows() {
        assert_eq!(names(&["churn"], false), ["http-churn-c32"]);
        assert_eq!(names(&["echo-c1-16b-d16"], false), ["echo-c1-16b-d16"]);
        assert_eq!(names(&["echo-c1-16b"], false), ["echo-c1-16b-d1"]);
        assert_eq!(names(&["echo-c1-16b"], true), ["echo-c1-16b-d1", "echo-c1-16b-d16"]);
        assert!(names(&["nothing of the kind"], true).is_empty());
    }
}
