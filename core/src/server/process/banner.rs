//! The start-up banner: where, what, and within which limits.

use std::net::SocketAddr;

use super::log;
use crate::routes::RouteTable;
use crate::server::Limits;

/// Writes the banner to standard error.
pub(crate) fn print(
    address: Option<SocketAddr>,
    routes: &RouteTable,
    limits: &Limits,
    descriptors: Option<u64>,
    is_development: bool,
) {
    let version = env!("CARGO_PKG_VERSION");
    let place = match address {
        Some(address) => format!("http://{address}"),
        None => "a Unix socket".to_owned(),
    };
    let mode = if is_development { " (development)" } else { "" };
    let mut text = format!("Crampon {version} serves on {place}{mode}; Ctrl-C stops it\n");
    for line in routes.lines() {
        text.push_str(&format!("  {line}\n"));
    }
    let descriptors = descriptors.map_or("unlimited".to_owned(), |count| count.to_string());
    text.push_str(&format!(
        "  limits: {descriptors} open files, head {} KiB, body {} KiB, message {} KiB, \
         outbox {} KiB, idle {:?}, stop {:?}\n",
        limits.head.head_bytes_max / 1024,
        limits.body_bytes_max / 1024,
        limits.message_bytes_max / 1024,
        limits.outbox_bytes_max / 1024,
        limits.idle_timeout,
        limits.stop_timeout,
    ));
    log::say(&text);
}
