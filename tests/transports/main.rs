//! The five transports, row by row: what each of them makes of the same action.

mod heads;

use std::time::Duration;

use crampon::trial::Trial;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The head of an answer, a line a header, less its date.
fn head(viewer: &Trial) -> Vec<String> {
    let headers = viewer.headers().into_iter().filter(|(name, _)| name != "date");
    headers.map(|(name, value)| format!("{name}: {value}")).collect()
}
