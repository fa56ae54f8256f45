//! Which of an action's transports serves a request.

use http::Method;

use super::Transport;
use crate::protocol::http::RequestHead;

/// What a request gets of the transports an action lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This one.
    Serve(Transport),
    /// Only a WebSocket is to be had here, and the request is none: 426.
    UpgradeRequired,
}

/// Chooses by the request: an upgrade gets a socket, an `Accept` that names `text/event-stream`
/// events, anything else the last transport listed that is not a socket.
pub(crate) fn choose(transports: &[Transport], head: &RequestHead) -> Choice {
    let lists = |transport| transports.contains(&transport);
    let asks_for_socket = head.method() == Method::GET
        && head.has_token("upgrade", "websocket")
        && head.has_token("connection", "upgrade");
    if asks_for_socket && lists(Transport::Websocket) {
        return Choice::Serve(Transport::Websocket);
    }
    if lists(Transport::Sse) && accepts_events(head) {
        return Choice::Serve(Transport::Sse);
    }
    match transports.iter().rev().find(|transport| **transport != Transport::Websocket) {
        Some(transport) => Choice::Serve(*transport),
        None => Choice::UpgradeRequired,
    }
}

fn accepts_events(head: &RequestHead) -> bool {
    head.headers()
        .filter(|(name, _)| name.eq_ignore_ascii_case("accept"))
        .filter_map(|(_, value)| std::str::from_utf8(value).ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|range| range.trim().eq_ignore_ascii_case("text/event-stream"))
}
