//! Which of an action's transports serves a request.

use http::Method;

use super::Transport;
use crate::protocol::http::{RequestHead, Version};

/// What a request gets of the transports an action lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This one.
    Serve(Transport),
    /// Only a WebSocket is to be had here, and the request is none: 426.
    UpgradeRequired,
}

/// Chooses by the request: an upgrade gets a socket, an `Accept` that names `text/event-stream`
/// events, anything else the last transport listed that is not a socket. In HTTP/1.0 an upgrade
/// is not to be heeded (RFC 9110, section 7.8).
pub(crate) fn choose(transports: &[Transport], head: &RequestHead) -> Choice {
    let lists = |transport| transports.contains(&transport);
    let asks_for_socket = head.method() == Method::GET
        && head.version() == Version::Http11
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
        .any(is_wish_for_events)
}

/// Whether one range of an `Accept` names events, and not to refuse them (RFC 9110, section
/// 12.4.2).
fn is_wish_for_events(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let names_events = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("text/event-stream"));
    names_events && !parts.any(is_weight_of_zero)
}

fn is_weight_of_zero(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else { return false };
    name.eq_ignore_ascii_case("q") && weight.parse() == Ok(0.0)
}
