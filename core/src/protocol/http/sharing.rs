//! What an answer tells the browser of a script of another origin: that it may read it (the Fetch
//! standard, section 3.3).
//!
//! Pure header lines; who may read what is decided elsewhere.

use super::{Header, Headers};

/// What an answer says about its readers. An empty one says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sharing<'a> {
    /// The origin whose scripts may read it, as it was sent, or `*`.
    pub origin: Option<&'a [u8]>,
    /// Another origin would be told something else, so that no cache gives it this answer.
    pub varies: bool,
    /// They may have asked with their viewer's cookies.
    pub has_credentials: bool,
    /// Headers they may read besides the [few](EXPOSED) they always may, as a comma list.
    pub exposed: &'a str,
}

/// Headers of the library's own that a script needs: where it stands, and when to come back.
pub const EXPOSED: &str = "etag, last-event-id, retry-after";

impl<'a> Sharing<'a> {
    /// Whether there is a line to be written.
    pub fn says_something(&self) -> bool {
        self.origin.is_some() || self.varies
    }

    /// The header lines, but for those an answer has already: its own word counts.
    pub fn headers_beside(self, own: &'a Headers) -> impl Iterator<Item = Header<'a>> {
        self.headers().filter(move |header| header.name() == VARY || !own.has(header.name()))
    }

    /// The header lines, to be kept.
    pub fn to_vec(self) -> Vec<(&'static str, Box<[u8]>)> {
        self.lines().map(|(name, value)| (name, value.into())).collect()
    }

    /// The header lines.
    pub fn headers(self) -> impl Iterator<Item = Header<'a>> {
        self.lines().filter_map(|(name, value)| Header::new(name, value).ok())
    }

    fn lines(self) -> impl Iterator<Item = (&'static str, &'a [u8])> {
        let is_shared = self.origin.is_some();
        let said = |is_said: bool, name, value| is_said.then_some((name, value));
        [
            self.origin.map(|origin| (ALLOW_ORIGIN, origin)),
            said(self.varies, VARY, &b"Origin"[..]),
            said(is_shared && self.has_credentials, ALLOW_CREDENTIALS, b"true"),
            said(is_shared, EXPOSE_HEADERS, EXPOSED.as_bytes()),
            said(is_shared && !self.exposed.is_empty(), EXPOSE_HEADERS, self.exposed.as_bytes()),
        ]
        .into_iter()
        .flatten()
    }
}

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
/// Which headers of the request the answer depends on; each line adds to the others.
pub const VARY: &str = "vary";
const EXPOSE_HEADERS: &str = "access-control-expose-headers";

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(sharing: Sharing<'_>) -> Vec<String> {
        let text = |value| std::str::from_utf8(value).expect("the test writes text");
        sharing.headers().map(|it| format!("{}: {}", it.name(), text(it.value()))).collect()
    }

    #[test]
    fn who_may_read_is_told_and_who_may_not_is_told_nothing_but_that_it_varies() {
        let ours = &b"https://a.example"[..];
        for (sharing, expected) in [
            (Sharing::default(), &[][..]),
            (
                Sharing { varies: true, has_credentials: true, ..Sharing::default() },
                &["vary: Origin"],
            ),
            (
                Sharing { origin: Some(b"*"), ..Sharing::default() },
                &[
                    "access-control-allow-origin: *",
                    "access-control-expose-headers: etag, last-event-id, retry-after",
                ],
            ),
            (
                Sharing {
                    origin: Some(ours),
                    varies: true,
                    has_credentials: true,
                    exposed: "x-page",
                },
                &[
                    "access-control-allow-origin: https://a.example",
                    "vary: Origin",
                    "access-control-allow-credentials: true",
                    "access-control-expose-headers: etag, last-event-id, retry-after",
                    "access-control-expose-headers: x-page",
                ],
            ),
        ] {
            assert_eq!(lines(sharing), expected, "{sharing:?}");
        }
    }
}
