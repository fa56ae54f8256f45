//! Origins: where a browser says that a request comes from (RFC 6454, section 7).
//!
//! Knows how one reads, whether it is that of a host, and whether a pattern names it; not who may
//! do what. What reads as none, `null` among it, is nobody's own.

use std::fmt;

use super::host::is_host;

/// An origin as a browser writes it: scheme, host, and the port unless it is the scheme's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Origin<'a> {
    /// Reads the value of an `Origin`; `None` for `null` and for all that is malformed: a list, a
    /// path, a user, no scheme, a port that is none.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let (scheme, authority) = std::str::from_utf8(value).ok()?.split_once("://")?;
        let (host, port) = split_authority(authority)?;
        let is_whole = is_scheme(scheme) && !host.is_empty() && !authority.ends_with(':');
        is_whole.then(|| Self { scheme, host, port: port.or_else(|| default_port(scheme)) })
    }

    /// The scheme, as it was written.
    pub fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// Whether its pages are those of this `Host`, in any case, with or without the port that is
    /// the default of the page's own scheme: behind a proxy that ends TLS nobody else knows which.
    pub fn is_of(&self, host: &str) -> bool {
        let is_web = ["http", "https"].iter().any(|web| self.scheme.eq_ignore_ascii_case(web));
        let Some((name, port)) = split_authority(host) else { return false };
        let port = port.or_else(|| default_port(self.scheme));
        is_web && self.host.eq_ignore_ascii_case(name) && self.port == port
    }

    /// Whether a pattern names it: an origin, or one with `*.` for one or more names below a host.
    ///
    /// `https://*.example.org` names neither `https://example.org` nor an origin of another scheme
    /// or port.
    pub fn is_named_by(&self, pattern: &str) -> bool {
        let Some(named) = Origin::parse(pattern.as_bytes()) else { return false };
        let is_like = self.scheme.eq_ignore_ascii_case(named.scheme) && self.port == named.port;
        is_like
            && match named.host.strip_prefix("*.") {
                Some(parent) => is_below(self.host, parent),
                None => self.host.eq_ignore_ascii_case(named.host),
            }
    }

    /// Whether a pattern can name any origin.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_pattern(pattern: &str) -> Result<(), PatternFault> {
        let Some((scheme, authority)) = pattern.split_once("://") else {
            return Err(PatternFault::NoScheme);
        };
        if let Some(end) = authority.find(['/', '?', '#']) {
            return Err(PatternFault::HasPath { from: scheme.len() + "://".len() + end });
        }
        let Some(named) = Origin::parse(pattern.as_bytes()) else {
            return Err(PatternFault::Malformed);
        };
        let (parent, is_wide) = match named.host.strip_prefix("*.") {
            Some(parent) => (parent, !parent.contains('.') && parent != "localhost"),
            None => (named.host, false),
        };
        match parent.contains('*') {
            true => Err(PatternFault::Star),
            false if is_wide => Err(PatternFault::TooWide),
            false => Ok(()),
        }
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match self.port.filter(|port| Some(*port) != default_port(self.scheme)) {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// Why a pattern names no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// `app.example`, `null`.
    NoScheme,
    /// `https://app.example/`: an origin ends before this byte.
    HasPath {
        /// Where the path begins.
        from: usize,
    },
    /// `https://app.*.example`: a star stands for the first names only.
    Star,
    /// `https://*.org`: its pages are everybody's.
    TooWide,
    /// No host, a user, a port that is none, letters beyond ASCII.
    Malformed,
}

impl PatternFault {
    /// Says it of this pattern, and what would be right.
    pub fn explain(self, pattern: &str) -> String {
        match self {
            Self::NoScheme => format!("the origin `{pattern}` has no scheme; write `https://..`"),
            Self::HasPath { from } => {
                format!("the origin `{pattern}` has a path; write `{}`", &pattern[..from])
            }
            Self::Star => format!(
                "the origin `{pattern}` has a `*` where none can be; write `https://*.example.org`"
            ),
            Self::TooWide => format!(
                "the origin `{pattern}` would name everybody's pages; name a domain of your own \
                 below it"
            ),
            Self::Malformed => format!(
                "`{pattern}` is not an origin; write a scheme, a host and perhaps a port: \
                 `https://app.example:8443`"
            ),
        }
    }
}

/// Splits a host and its port; `None` if it is no host, or its port none.
fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    if !is_host(authority.as_bytes()) {
        return None;
    }
    // In an IPv6 address the colon of the port stands behind the bracket.
    match authority.rfind(':').filter(|colon| !authority[*colon..].contains(']')) {
        None => Some((authority, None)),
        Some(colon) => match &authority[colon + 1..] {
            "" => Some((&authority[..colon], None)),
            port => Some((&authority[..colon], Some(port.parse().ok()?))),
        },
    }
}

/// Whether this is a scheme (RFC 3986, section 3.1).
fn is_scheme(text: &str) -> bool {
    let is_scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_scheme_byte)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        _ if scheme.eq_ignore_ascii_case("https") => Some(443),
        _ if scheme.eq_ignore_ascii_case("http") => Some(80),
        _ => None,
    }
}

/// Whether `host` is one or more names, a dot, and `parent`.
fn is_below(host: &str, parent: &str) -> bool {
    let Some(at) = host.len().checked_sub(parent.len()) else { return false };
    let (Some(names), Some(rest)) = (host.get(..at), host.get(at..)) else { return false };
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    rest.eq_ignore_ascii_case(parent)
        && names.strip_suffix('.').is_some_and(|names| names.split('.').all(is_name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_own(origin: &str, host: &str) -> bool {
        Origin::parse(origin.as_bytes()).is_some_and(|origin| origin.is_of(host))
    }

    #[test]
    fn an_origin_is_own_if_its_authority_is_the_host() {
        for (origin, host, expected) in [
            ("http://a.example", "a.example", true),
            ("https://a.example", "a.example", true),
            ("http://a.example", "A.Example", true),
            ("HTTP://A.example", "a.example", true),
            ("http://a.example:3000", "a.example:3000", true),
            ("http://a.example:3000", "a.example", false),
            ("http://a.example", "a.example:3000", false),
            // The port that is the scheme's own may be left out on either side.
            ("http://a.example", "a.example:80", true),
            ("http://a.example:80", "a.example", true),
            ("https://a.example", "a.example:443", true),
            ("https://a.example:443", "a.example", true),
            ("https://a.example", "a.example:80", false),
            ("http://a.example", "a.example:443", false),
            ("http://a.example:443", "a.example:443", true),
            ("http://a.example:443", "a.example", false),
            ("http://a.example", "a.example:", true),
            ("http://a.example", "a.example:080", true),
            // Addresses.
            ("http://127.0.0.1:3000", "127.0.0.1:3000", true),
            ("http://127.0.0.1:3000", "localhost:3000", false),
            ("http://[::1]:3000", "[::1]:3000", true),
            ("http://[::1]", "[::1]:80", true),
            ("http://[2001:DB8::1]", "[2001:db8::1]", true),
            ("http://[::1]:3000", "[::2]:3000", false),
            ("http://[::1]", "[::1]:3000", false),
            // Names that only look alike.
            ("http://xn--mnchen-3ya.example", "xn--mnchen-3ya.example", true),
            ("http://xn--mnchen-3ya.example", "munchen.example", false),
            ("http://a.example.evil.example", "a.example", false),
            ("http://evila.example", "a.example", false),
            ("http://a.example.", "a.example", false),
            ("http://b.a.example", "a.example", false),
            // Other schemes are never a server's own, whatever they call themselves.
            ("chrome-extension://a.example", "a.example", false),
            ("ws://a.example", "a.example", false),
            ("file://a.example", "a.example", false),
            // Hosts that are none are nobody's.
            ("http://a.example", "", false),
            ("http://a.example", "a.example:99999", false),
            ("http://a.example", "me@a.example", false),
        ] {
            assert_eq!(is_own(origin, host), expected, "{origin} at {host}");
        }
    }

    #[test]
    fn what_reads_as_no_origin_is_none() {
        for value in [
            "null",
            "",
            "a.example",
            "//a.example",
            "http:a.example",
            "http:/a.example",
            "http://",
            "http://:80",
            "http://a.example/",
            "http://a.example/b",
            "http://a.example?b",
            "http://a.example#b",
            "http://me@a.example",
            "http://me:secret@a.example",
            "http://a.example:",
            "http://a.example:x",
            "http://a.example:65536",
            "http://a.example http://b.example",
            "http://a.example, http://b.example",
            "http://a.example\t",
            " http://a.example",
            "http://[::1",
            "http://::1",
            "http://m\u{fc}nchen.example",
            "1http://a.example",
            "ht tp://a.example",
            "http://a.example\\b",
            "http://a.example\0",
        ] {
            assert_eq!(Origin::parse(value.as_bytes()), None, "{value:?}");
        }
        assert_eq!(Origin::parse(b"http://\xff.example"), None);
    }

    #[test]
    fn a_pattern_names_an_origin_or_all_below_a_host() {
        for (pattern, origin, expected) in [
            ("https://app.example", "https://app.example", true),
            ("https://app.example", "https://APP.example:443", true),
            ("https://app.example:443", "https://app.example", true),
            ("https://app.example", "http://app.example", false),
            ("https://app.example", "https://app.example:8443", false),
            ("https://app.example", "https://b.app.example", false),
            ("http://[::1]:3000", "http://[::1]:3000", true),
            ("chrome-extension://abcdef", "chrome-extension://abcdef", true),
            ("chrome-extension://abcdef", "chrome-extension://abcdeg", false),
            ("https://*.example.org", "https://a.example.org", true),
            ("https://*.example.org", "https://a.b.Example.org", true),
            ("https://*.example.org", "https://example.org", false),
            ("https://*.example.org", "https://.example.org", false),
            ("https://*.example.org", "https://a..example.org", false),
            ("https://*.example.org", "https://aexample.org", false),
            ("https://*.example.org", "https://a.example.org.evil.example", false),
            ("https://*.example.org", "https://evil!.example.org", false),
            ("https://*.example.org", "http://a.example.org", false),
            ("https://*.example.org", "https://a.example.org:8443", false),
            ("https://*.example.org:8443", "https://a.example.org:8443", true),
            ("http://*.localhost:3000", "http://a.localhost:3000", true),
        ] {
            let origin = Origin::parse(origin.as_bytes()).expect("the table holds origins");
            assert_eq!(origin.is_named_by(pattern), expected, "{pattern} for {origin}");
            assert_eq!(Origin::check_pattern(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_names_nothing_says_what_to_write() {
        for (pattern, said) in [
            ("app.example", "the origin `app.example` has no scheme; write `https://..`"),
            ("null", "the origin `null` has no scheme; write `https://..`"),
            ("*", "the origin `*` has no scheme; write `https://..`"),
            (
                "https://app.example/",
                "the origin `https://app.example/` has a path; write `https://app.example`",
            ),
            (
                "https://app.*.example",
                "the origin `https://app.*.example` has a `*` where none can be; write \
                 `https://*.example.org`",
            ),
            (
                "https://*",
                "the origin `https://*` has a `*` where none can be; write \
                 `https://*.example.org`",
            ),
            (
                "https://*.org",
                "the origin `https://*.org` would name everybody's pages; name a domain of your \
                 own below it",
            ),
            (
                "https://me@app.example",
                "`https://me@app.example` is not an origin; write a scheme, a host and perhaps a \
                 port: `https://app.example:8443`",
            ),
        ] {
            let fault = Origin::check_pattern(pattern).expect_err("it names nothing");
            assert_eq!(fault.explain(pattern), said);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_without_a_panic(value: Vec<u8>, host: String, pattern: String) {
            let _ = Origin::check_pattern(&pattern);
            if let Some(origin) = Origin::parse(&value) {
                let _ = (origin.is_of(&host), origin.is_named_by(&pattern));
            }
        }

        #[test]
        fn an_origin_is_shown_as_it_is_read(
            name in "[a-z][a-z0-9.-]{0,20}",
            port: Option<u16>,
            scheme in "https?|chrome-extension",
        ) {
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            let text = format!("{scheme}://{name}{port}");
            let origin = Origin::parse(text.as_bytes()).expect("it is one");
            let shown = origin.to_string();
            prop_assert_eq!(Origin::parse(shown.as_bytes()), Some(origin));
            prop_assert!(origin.is_named_by(&text));
        }
    }
}
