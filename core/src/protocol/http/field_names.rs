//! The names of fields that many send, so that one byte says a name.
//!
//! In the two ways they are written: as the standards do, which clients of HTTP/1.1 follow, and all
//! in lower case, which those do that speak HTTP/2 as well.

/// The place of a name, never zero; `None` if it is not known as it is written.
pub(super) fn place(name: &str) -> Option<u8> {
    let initial = *name.as_bytes().first()?;
    let first = usize::from(*FIRST_OF_LENGTH.get(name.len())?);
    let known = NAMES[first..].iter().take_while(|known| known[0].len() == name.len());
    (first..).zip(known).find_map(|(at, ways)| {
        // Most others of the same length differ in the first letter already.
        let is_it = |way: &&str| way.as_bytes()[0] == initial && *way == name;
        let way = ways.iter().position(is_it)?;
        Some((at * WAYS + way) as u8 + 1)
    })
}

/// The name at a place.
pub(super) fn at(place: u8) -> &'static str {
    let at = usize::from(place - 1);
    NAMES[at / WAYS][at % WAYS]
}

/// Ways to write a name.
const WAYS: usize = 2;

/// The names, by length; among those of one length the more frequent first.
static NAMES: [[&str; WAYS]; COUNT] = [
    ["TE", "te"],
    ["DNT", "dnt"],
    ["Host", "host"],
    ["Date", "date"],
    ["From", "from"],
    ["Range", "range"],
    ["Accept", "accept"],
    ["Cookie", "cookie"],
    ["Origin", "origin"],
    ["Pragma", "pragma"],
    ["Expect", "expect"],
    ["Upgrade", "upgrade"],
    ["Referer", "referer"],
    ["Sec-GPC", "sec-gpc"],
    ["Priority", "priority"],
    ["If-Match", "if-match"],
    ["Forwarded", "forwarded"],
    ["X-Real-IP", "x-real-ip"],
    ["Sec-CH-UA", "sec-ch-ua"],
    ["Connection", "connection"],
    ["User-Agent", "user-agent"],
    ["Keep-Alive", "keep-alive"],
    ["Traceparent", "traceparent"],
    ["Content-Type", "content-type"],
    ["X-Request-ID", "x-request-id"],
    ["Cache-Control", "cache-control"],
    ["Authorization", "authorization"],
    ["If-None-Match", "if-none-match"],
    ["Last-Event-ID", "last-event-id"],
    ["Content-Length", "content-length"],
    ["Accept-Charset", "accept-charset"],
    ["Sec-Fetch-Dest", "sec-fetch-dest"],
    ["Sec-Fetch-Mode", "sec-fetch-mode"],
    ["Sec-Fetch-Site", "sec-fetch-site"],
    ["Sec-Fetch-User", "sec-fetch-user"],
    ["Accept-Encoding", "accept-encoding"],
    ["Accept-Language", "accept-language"],
    ["X-Forwarded-For", "x-forwarded-for"],
    ["Content-Encoding", "content-encoding"],
    ["X-Forwarded-Host", "x-forwarded-host"],
    ["X-Requested-With", "x-requested-with"],
    ["X-Forwarded-Port", "x-forwarded-port"],
    ["Sec-CH-UA-Mobile", "sec-ch-ua-mobile"],
    ["Sec-WebSocket-Key", "sec-websocket-key"],
    ["If-Modified-Since", "if-modified-since"],
    ["X-Forwarded-Proto", "x-forwarded-proto"],
    ["Transfer-Encoding", "transfer-encoding"],
    ["Sec-CH-UA-Platform", "sec-ch-ua-platform"],
    ["Sec-WebSocket-Version", "sec-websocket-version"],
    ["Sec-WebSocket-Protocol", "sec-websocket-protocol"],
    ["Sec-WebSocket-Extensions", "sec-websocket-extensions"],
    ["Upgrade-Insecure-Requests", "upgrade-insecure-requests"],
    ["Access-Control-Request-Method", "access-control-request-method"],
    ["Access-Control-Request-Headers", "access-control-request-headers"],
];

const COUNT: usize = 54;

const _: () = assert!(COUNT * WAYS < u8::MAX as usize, "a place takes one byte");

/// Bytes of the longest name.
const LENGTH_MAX: usize = 30;

/// Where the names of each length begin, or of the next that has any.
static FIRST_OF_LENGTH: [u8; LENGTH_MAX + 1] = {
    let mut first = [0; LENGTH_MAX + 1];
    let (mut length, mut at) = (0, 0);
    while length < first.len() {
        while NAMES[at][0].len() < length {
            at += 1;
        }
        first[length] = at as u8;
        length += 1;
    }
    first
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_has_a_place_of_its_own_in_either_case() {
        for name in NAMES.as_flattened() {
            assert_eq!(place(name).map(at), Some(*name));
        }
        for [standard, lower] in NAMES {
            assert_eq!(standard.to_ascii_lowercase(), lower);
        }
        assert!(NAMES.is_sorted_by_key(|[name, _]| name.len()));
        assert_eq!(NAMES[COUNT - 1][0].len(), LENGTH_MAX);
    }

    #[test]
    fn other_names_and_other_ways_to_write_them_have_none() {
        for name in ["", "X", "HOST", "hOst", "X-Own", "Sec-Websocket-Key", &"long".repeat(100)] {
            assert_eq!(place(name), None, "{name}");
        }
    }
}
