//! The access line: one a request, when it is answered.

use std::net::SocketAddr;
use std::time::Duration;

use crate::protocol::http::RequestHead;
use crate::transport::Transport;

/// The action that answered.
pub(crate) struct Served {
    pub action: &'static str,
    pub transport: Transport,
    pub took: Duration,
}

/// Writes the line; for a stream that is when it ends.
pub(crate) fn line(
    head: &RequestHead,
    status: u16,
    served: Option<Served>,
    remote: Option<SocketAddr>,
) {
    if !tracing::enabled!(target: TARGET, tracing::Level::INFO) {
        return;
    }
    let (method, target) = (head.method(), head.target());
    let remote = remote.map(tracing::field::display);
    match served {
        Some(Served { action, transport, took }) => tracing::info!(
            target: TARGET,
            remote,
            action,
            %transport,
            ms = took.as_millis() as u64,
            "{method} {target} {status}"
        ),
        None => tracing::info!(target: TARGET, remote, "{method} {target} {status}"),
    }
}

/// The target to filter access lines by.
const TARGET: &str = "crampon::access";
