//! The hot paths: what happens on each, and how often it is counted.

use std::io;

use crate::house::House;
use crate::scenes::{self, GREETING, MESSAGE_BYTES, Scene, Wire};

/// One line of the table.
pub struct Path {
    pub name: &'static str,
    /// What happens so many times in a round.
    pub unit: &'static str,
    pub units: u64,
    /// Rounds of each part of a run.
    pub rounds: u64,
    /// How the subject is started.
    pub role: &'static [&'static str],
    pub open: fn(&mut House) -> io::Result<Scene>,
    /// The path it may cost hardly more than, if any.
    pub like: Option<&'static str>,
}

/// All of them, in the order of the table; a path stands after the one it is like.
pub const PATHS: &[Path] = &[
    path("echo-125b-d1", "message", 1, |house| {
        scenes::echo(house, Wire::Websocket, 1, MESSAGE_BYTES, 1)
    }),
    path("echo-125b-d16", "message", 16, |house| {
        scenes::echo(house, Wire::Websocket, 1, MESSAGE_BYTES, 16)
    }),
    path("echo-c64-125b-d1", "message", 64, |house| {
        scenes::echo(house, Wire::Websocket, 64, MESSAGE_BYTES, 1)
    }),
    path("echo-16384b-d16", "message", 16, |house| {
        scenes::echo(house, Wire::Websocket, 1, 16 * 1024, 16)
    }),
    Path {
        // Parts are to be short, and it is dear.
        rounds: 20,
        ..path("echo-deflate-1024b", "message", 1, |house| {
            scenes::echo(house, Wire::Deflating, 1, 1024, 1)
        })
    },
    path("wsfan-n100-w1", "delivery", 100, |house| {
        scenes::fan_out(house, Wire::Websocket, 100, MESSAGE_BYTES, 1)
    }),
    path("wsfan-n100-w16", "delivery", 1600, |house| {
        scenes::fan_out(house, Wire::Websocket, 100, MESSAGE_BYTES, 16)
    }),
    path("wsfan-deflate-n100-1024b", "delivery", 100, |house| {
        scenes::fan_out(house, Wire::Deflating, 100, 1024, 1)
    }),
    path("wsfan-n100-16384b", "delivery", 100, |house| {
        scenes::fan_out(house, Wire::Websocket, 100, 16 * 1024, 1)
    }),
    path("ssefan-n100-w1", "delivery", 100, |house| {
        scenes::fan_out(house, Wire::Sse, 100, MESSAGE_BYTES, 1)
    }),
    path("ssefan-n100-w16", "delivery", 1600, |house| {
        scenes::fan_out(house, Wire::Sse, 100, MESSAGE_BYTES, 16)
    }),
    path("ssefan-n100-16384b", "delivery", 100, |house| {
        scenes::fan_out(house, Wire::Sse, 100, 16 * 1024, 1)
    }),
    path("publish-unheard-w1", "publish", 1, |house| {
        scenes::fan_out(house, Wire::Websocket, 0, MESSAGE_BYTES, 1)
    }),
    path("publish-unheard-w16", "publish", 16, |house| {
        scenes::fan_out(house, Wire::Websocket, 0, MESSAGE_BYTES, 16)
    }),
    path("poll-answer", "answer", 10, |house| scenes::poll(house, 10)),
    path("tick-ws", "tick", 50, |house| scenes::clock(house, Wire::Websocket, 50)),
    path("tick-sse", "tick", 50, |house| scenes::clock(house, Wire::Sse, 50)),
    path("http-get-d1", "request", 1, |house| scenes::request(house, 1, GET, GREETING, 1)),
    path("http-get-d16", "request", 16, |house| scenes::request(house, 1, GET, GREETING, 16)),
    path("http-get-c64-d1", "request", 64, |house| scenes::request(house, 64, GET, GREETING, 1)),
    path("http-get-browser", "request", 1, |house| {
        scenes::request(house, 1, BROWSER_GET, GREETING, 1)
    }),
    path("http-post-128b", "request", 1, |house| scenes::post(house, 128)),
    path("http-post-16384b", "request", 1, |house| scenes::post(house, 16 * 1024)),
    path("http-churn", "connection", 10, |house| scenes::visit(house, 10)),
    path("ws-handshake-close", "connection", 10, |house| scenes::handshake(house, 10)),
    path("sse-open-leave", "connection", 10, |house| scenes::glance(house, 10)),
    Path { role: &["timers", "0"], ..path(TIMER_ALONE, "timer", 100, scenes::fire) },
    Path {
        role: &["timers", "1000000"],
        like: Some(TIMER_ALONE),
        ..path("timer-among-1000000", "timer", 100, scenes::fire)
    },
];

const fn path(
    name: &'static str,
    unit: &'static str,
    units: u64,
    open: fn(&mut House) -> io::Result<Scene>,
) -> Path {
    let rounds = if UNITS > units { UNITS / units } else { 1 };
    let rounds = if rounds > ROUNDS_MIN { rounds } else { ROUNDS_MIN };
    Path { name, unit, units, rounds, role: &["server"], open, like: None }
}

/// A timer that fires on a loop that has few.
const TIMER_ALONE: &str = "timer-alone";

const GET: &str = "GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";

/// The same with what browsers say besides.
const BROWSER_GET: &str = "GET /hello HTTP/1.1\r\n\
    Host: localhost:3000\r\n\
    Connection: keep-alive\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-GB,en;q=0.8,de;q=0.5\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Referer: http://localhost:3000/\r\n\
    Cookie: session=0f8fad5bd9cb469fa16570867728950e\r\n\
    Sec-Fetch-Dest: document\r\n\
    Sec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-Site: same-origin\r\n\
    Priority: u=0, i\r\n\r\n";

/// Units of a part, if no round has more.
const UNITS: u64 = 80;

/// Rounds of a part, though they be of many units.
const ROUNDS_MIN: u64 = 4;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_is_a_word_and_names_one_path() {
        let names: BTreeSet<_> = PATHS.iter().map(|path| path.name).collect();
        assert_eq!(names.len(), PATHS.len());
        for word in PATHS.iter().flat_map(|path| [path.name, path.unit]) {
            assert!(!word.contains(char::is_whitespace), "`{word}` is not one word");
        }
    }

    #[test]
    fn a_path_stands_after_the_one_it_is_like() {
        for (at, path) in PATHS.iter().enumerate() {
            let Some(like) = path.like else { continue };
            let is_before = PATHS[..at].iter().any(|path| path.name == like);
            assert!(is_before, "`{like}` is not before `{}`", path.name);
        }
    }
}
