//! The five transports, row by row: what each of them makes of the same action.

mod choice;
mod ending;
mod finishing;
mod head_requests;
mod heads;
mod keep_alive;
mod renders;
mod upstream;

use std::time::Duration;

use crampon::trial::{Trial, World};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The head of an answer, a line a header, less its date.
fn head(viewer: &Trial) -> Vec<String> {
    let headers = viewer.headers().into_iter().filter(|(name, _)| name != "date");
    headers.map(|(name, value)| format!("{name}: {value}")).collect()
}

/// A GET as HTTP/1.0 has it, with these header lines.
fn http10(world: &World, path: &str, headers: &str) -> Trial {
    let viewer = world.connect();
    viewer.send_bytes(format!("GET {path} HTTP/1.0\r\n{headers}\r\n").as_bytes());
    viewer
}
