//! What was wrong with Cramp and with the servers around it, the right way round: each defect, and
//! each complaint of those who used them, is a test whose name says what is right.
//!
//! `wires` and `lifecycle` are the defects of Cramp itself, by number; `peers`, `running` and
//! `protocol` are complaints.

mod lifecycle;
mod peers;
mod protocol;
mod running;
mod wires;

use std::time::Duration;

use crampon::protocol::websocket::masked;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Text messages as a client sends them, ready to arrive in one piece.
fn messages(texts: &[&str]) -> Vec<u8> {
    let mut frames = Vec::new();
    for text in texts {
        masked::encode_text(&mut frames, [1, 2, 3, 4], text);
    }
    frames
}
