//! Sleepers: a few readers who never read, among many who do.

use std::process::Command;

use crampon_tests::{Browser, Frame, Program, Socket};

/// Readers in all, ...
const READERS: usize = 200;

/// ... and those among them who never read.
const SLEEPERS: usize = 10;

/// Messages that are said ...
const MESSAGES: usize = 64;

/// ... and bytes of each: four times what a narrow server keeps for a reader, and more than that
/// with what the system keeps.
const MESSAGE_BYTES: usize = 16 * 1024;

/// Bytes the server may grow by: what the outboxes of those who never read may hold.
///
/// It stays far below, since what waits for all of them waits once.
const GROWTH_BYTES_MAX: u64 = SLEEPERS as u64 * 256 * 1024;

/// A server, its readers, and those who never read.
struct House {
    server: Program,
    speaker: Socket,
    readers: Vec<Socket>,
    sleepers: Vec<Socket>,
}

impl House {
    fn open(policy: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subject"));
        let server = Program::start_ours(command.args(["127.0.0.1:0", "narrow"]));
        let address = server.address();
        let path = format!("/overflow/{policy}");
        let reader = |_| Socket::open(Browser::connect(address), &path);
        let sleeper = |_| Socket::open(Browser::connect_narrow(address), &path);
        Self {
            speaker: Socket::open(Browser::connect(address), &format!("{path}/publish")),
            readers: (SLEEPERS..READERS).map(reader).collect(),
            sleepers: (0..SLEEPERS).map(sleeper).collect(),
            server,
        }
    }

    /// Says all there is to say, each message when all who read have heard the last.
    fn speak(&mut self) {
        for number in 0..MESSAGES {
            let message = message(number);
            self.speaker.say(&message);
            for reader in &mut self.readers {
                assert!(reader.text() == message, "message {number} is heard by who reads");
            }
        }
    }
}

/// A message that begins with its number.
fn message(number: usize) -> String {
    format!("{number:0>8}{:x>width$}", "", width = MESSAGE_BYTES - 8)
}

/// What one who never read hears when it begins to: the numbers of messages, and the end if it was
/// closed. It stops at the last message, or after `messages_max`.
fn wake(sleeper: &mut Socket, messages_max: usize) -> (Vec<usize>, Option<(u16, String)>) {
    let mut heard = Vec::new();
    while heard.len() < messages_max && heard.last() != Some(&(MESSAGES - 1)) {
        match sleeper.receive() {
            Frame::Text(text) => heard.push(text[..8].parse().expect("it begins with its number")),
            Frame::Close(close) => return (heard, close),
            other => panic!("expected messages and perhaps a close, got {other:?}"),
        }
    }
    (heard, None)
}

/// Whether nothing is missing between the first message and the last of these.
fn is_whole(heard: &[usize]) -> bool {
    heard.iter().copied().eq(0..heard.len())
}

#[test]
fn the_others_hear_everything_and_those_who_never_read_cost_little_and_hear_what_is_left() {
    for policy in ["close", "drop_oldest", "drop_newest", "latest"] {
        let mut house = House::open(policy);
        let before = house.server.resident_bytes();
        house.speak();
        let growth = house.server.resident_bytes().saturating_sub(before);
        assert!(growth < GROWTH_BYTES_MAX, "{policy}: grown by {growth} bytes");

        for sleeper in &mut house.sleepers {
            // What an outbox holds is kept where only the newest is dropped; what else is depends
            // on the system.
            let (heard, close) = match policy {
                "drop_newest" => wake(sleeper, 16),
                _ => wake(sleeper, MESSAGES),
            };
            match close {
                Some((code, reason)) => {
                    assert_eq!((policy, code), ("close", 1013));
                    assert!(reason.starts_with("too slow") && is_whole(&heard), "{heard:?}");
                }
                None if policy == "drop_newest" => assert!(is_whole(&heard), "{heard:?}"),
                None => {
                    assert_eq!(heard.last(), Some(&(MESSAGES - 1)), "{policy}");
                    let grows = heard.windows(2).all(|pair| pair[0] < pair[1]);
                    assert!(grows && !is_whole(&heard), "{policy}: {heard:?}");
                }
            }
        }
    }
}
