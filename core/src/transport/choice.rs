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
    if let [only] = transports
        && *only != Transport::Websocket
    {
        return Choice::Serve(*only);
    }
    let lists = |transport| transports.contains(&transport);
    let asks_for_socket = || {
        head.method() == Method::GET
            && head.version() == Version::Http11
            && head.has_token("upgrade", "websocket")
            && head.has_token("connection", "upgrade")
    };
    if lists(Transport::Websocket) && asks_for_socket() {
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

/// Whether a script has made the request that keeps its cursor itself: it names the cursor in the
/// query, empty if it has none yet. A browser names it in a header.
pub(crate) fn keeps_cursor(head: &RequestHead) -> bool {
    let query = head.query().unwrap_or_default().as_bytes();
    form_urlencoded::parse(query).any(|(key, _)| key == "last-event-id")
}

fn accepts_events(head: &RequestHead) -> bool {
    accepts(head, "text/event-stream")
}

/// Whether a client asks for JSON in so many words: `*/*` is not asking.
pub(crate) fn accepts_json(head: &RequestHead) -> bool {
    accepts(head, "application/json")
}

/// Whether a client asks for this kind in so many words.
pub(crate) fn accepts(head: &RequestHead, kind: &str) -> bool {
    head.header_values("accept")
        // Most scripts accept anything, which takes no more than a look at how short that is.
        .filter(|value| value.len() >= kind.len())
        .filter_map(|value| std::str::from_utf8(value).ok())
        .flat_map(|value| value.split(','))
        .any(|range| is_wish_for(kind, range))
}

/// Whether one range of an `Accept` names this kind, and not to refuse it (RFC 9110, section
/// 12.4.2).
fn is_wish_for(kind: &str, range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let names_kind = parts.next().is_some_and(|it| it.eq_ignore_ascii_case(kind));
    names_kind && !parts.any(is_weight_of_zero)
}

fn is_weight_of_zero(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else { return false };
    name.eq_ignore_ascii_case("q") && weight.parse() == Ok(0.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::protocol::http::{HeadLimits, RequestHeads};

    /// The head of a GET with these header lines.
    pub(in super::super) fn request(headers: &str) -> RequestHead {
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        let decoded = RequestHeads::new().decode(head.as_bytes(), &HeadLimits::default());
        decoded.expect("it is well-formed").expect("it is whole").0
    }

    #[test]
    fn json_is_asked_for_by_its_name_only() {
        for (accept, is_asked_for) in [
            ("", false),
            ("Accept: */*\r\n", false),
            ("Accept: application/*\r\n", false),
            ("Accept: application/json\r\n", true),
            ("accept: text/html, Application/JSON;q=0.5\r\n", true),
            ("Accept: application/json; q=0.0\r\n", false),
            ("Accept: application/jsonl\r\n", false),
            ("Accept: text/html\r\nAccept: application/json\r\n", true),
        ] {
            assert_eq!(accepts_json(&request(accept)), is_asked_for, "{accept:?}");
        }
    }
}
