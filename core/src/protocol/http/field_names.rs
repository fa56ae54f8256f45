//! The names of fields that many send, so that one byte says a name.
//!
//! In the two ways they are written: as the standards do, which clients of HTTP/1.1 follow, and all
//! in lower case, which those do that speak HTTP/2 as well.

use std::ops::Range;

/// A name that is known, however it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known(u8);

impl Known {
    pub const HOST: Self = Self::named("host");
    pub const CONNECTION: Self = Self::named("connection");
    pub const EXPECT: Self = Self::named("expect");
    pub const CONTENT_LENGTH: Self = Self::named("content-length");
    pub const TRANSFER_ENCODING: Self = Self::named("transfer-encoding");

    /// The name of a place.
    #[inline]
    pub fn at(place: u8) -> Self {
        Self((place - 1) / WAYS as u8)
    }

    /// The known name that this is, in any case.
    #[inline(always)]
    pub fn find(name: &[u8]) -> Option<Self> {
        if name.is_empty() {
            return None;
        }
        let at = SLOTS[slot(name)];
        let known = NAMES.get(usize::from(at))?[1].as_bytes();
        (is_same(known, name) || known.eq_ignore_ascii_case(name)).then_some(Self(at))
    }

    /// Whether a message or its connection depends on what such a field says.
    #[inline]
    pub fn is_of_the_message(self) -> bool {
        const OF_THE_MESSAGE: u64 = Known::HOST.bit()
            | Known::CONNECTION.bit()
            | Known::EXPECT.bit()
            | Known::CONTENT_LENGTH.bit()
            | Known::TRANSFER_ENCODING.bit();
        OF_THE_MESSAGE & self.bit() != 0
    }

    #[inline]
    const fn bit(self) -> u64 {
        1 << self.0
    }

    /// # Panics
    /// If it is none of the known ones; in a constant that is an error of the compiler's.
    const fn named(name: &str) -> Self {
        let at = SLOTS[slot(name.as_bytes())];
        let (known, name) = (NAMES[at as usize][1].as_bytes(), name.as_bytes());
        let mut letter = 0;
        while letter < name.len() {
            assert!(known.len() == name.len() && known[letter] == name[letter], "it is known");
            letter += 1;
        }
        Self(at)
    }
}

/// The place of a name, never zero; `None` if it is not known as it is written.
#[inline(always)]
pub(super) fn place(name: &[u8]) -> Option<u8> {
    let initial = *name.first()?;
    let at = SLOTS[slot(name)];
    let way = usize::from(initial.is_ascii_lowercase());
    let known = NAMES.get(usize::from(at))?[way];
    is_same(known.as_bytes(), name).then_some(at * WAYS as u8 + way as u8 + 1)
}

/// The places of a name, in any case; none if it is not known.
#[inline(always)]
pub(super) fn places(name: &str) -> Range<u8> {
    match Known::find(name.as_bytes()) {
        Some(Known(at)) => at * WAYS as u8 + 1..(at + 1) * WAYS as u8 + 1,
        None => 0..0,
    }
}

/// The name at a place.
pub(super) fn at(place: u8) -> &'static str {
    let at = usize::from(place - 1);
    NAMES[at / WAYS][at % WAYS]
}

/// Ways to write a name.
const WAYS: usize = 2;

/// The names, by length.
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
const _: () = assert!(COUNT <= u64::BITS as usize, "there is a bit for each");

/// The one name that may be in each slot, by its place in the list.
static SLOTS: [u8; SLOT_COUNT] = {
    let mut slots = [u8::MAX; SLOT_COUNT];
    let mut at = 0;
    while at < COUNT {
        let slot = &mut slots[slot(NAMES[at][0].as_bytes())];
        assert!(*slot == u8::MAX, "no two names share a slot");
        *slot = at as u8;
        at += 1;
    }
    slots
};

const SLOT_COUNT: usize = 256;

/// The slot of a name, in either case: by its length and two letters that tell the known ones
/// apart. The factors were found by trying.
const fn slot(name: &[u8]) -> usize {
    let first = name[0] as usize | CASE;
    let fourth_last = name[name.len().saturating_sub(4)] as usize | CASE;
    (name.len() + 2 * first + 19 * fourth_last) % SLOT_COUNT
}

/// Whether two names are the same. Short ones are compared in fewer steps than a call takes.
#[inline(always)]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        (Some(first), Some(other)) => {
            let is_short = a.len() <= 16;
            first == other
                && a.last_chunk::<8>() == b.last_chunk::<8>()
                && (is_short || a[8..a.len() - 8] == b[8..b.len() - 8])
        }
        _ => match (a.first_chunk::<4>(), b.first_chunk::<4>()) {
            (Some(first), Some(other)) => {
                first == other && a.last_chunk::<4>() == b.last_chunk::<4>()
            }
            _ => a.iter().eq(b),
        },
    }
}

/// The bit that tells the two cases of a letter apart.
const CASE: usize = 0x20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_has_a_place_of_its_own_in_either_case() {
        for name in NAMES.as_flattened() {
            let place = place(name.as_bytes()).expect("it is known");
            assert_eq!(at(place), *name);
            assert!(places(&name.to_ascii_uppercase()).contains(&place), "{name}");
            assert_eq!(Known::find(name.to_ascii_uppercase().as_bytes()), Some(Known::at(place)));
        }
        for [standard, lower] in NAMES {
            assert_eq!(standard.to_ascii_lowercase(), lower);
        }
        assert!(NAMES.is_sorted_by_key(|[name, _]| name.len()));
    }

    #[test]
    fn other_names_and_other_ways_to_write_them_have_none() {
        for name in [
            "",
            "X",
            "HOST",
            "hOst",
            "Most",
            "Hose",
            "X-Own",
            "Sec-Websocket-Key",
            &"long".repeat(100),
        ] {
            assert_eq!(place(name.as_bytes()), None, "{name}");
        }
        for name in ["", "X", "X-Own", "Hos", &"long".repeat(100)] {
            assert!(places(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn texts_are_the_same_if_all_their_bytes_are() {
        for len in 0..40_u8 {
            let text: Vec<u8> = (0..len).collect();
            assert!(is_same(&text, &text.clone()), "{len} bytes");
            assert!(!is_same(&text, &[&text[..], b"a"].concat()), "{len} bytes and one");
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] = b'?';
                assert!(!is_same(&text, &other) && !is_same(&other, &text), "{len} bytes, at {at}");
            }
        }
    }
}
