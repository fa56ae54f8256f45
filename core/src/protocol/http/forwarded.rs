//! What proxies say about the way a request came: `Forwarded` (RFC 7239) and its older relatives
//! `X-Forwarded-For`, `-Proto` and `-Host`.
//!
//! Knows how they read, not who may be believed: anybody can send them.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use super::grammar::{elements, is_token};
use super::host::is_host;

/// One hop of the way, as the proxy there saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hop<'a> {
    /// Who asked the proxy.
    pub asker: Option<Node>,
    /// By which scheme.
    pub scheme: Option<Cow<'a, str>>,
    /// For which host.
    pub host: Option<Cow<'a, str>>,
}

/// Who asked a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// One at this address; port 0 if that was not said.
    Address(SocketAddr),
    /// One the proxy does not know, or does not name (`unknown`, `_hidden`).
    Hidden,
}

impl<'a> Hop<'a> {
    /// Reads one `Forwarded` line: its hops, the client's first. `None` if it is malformed.
    ///
    /// Blanks around the `;` are let pass, for the RFC's own examples have them.
    pub fn list(line: &'a [u8]) -> Option<Vec<Self>> {
        let mut hops = Vec::new();
        let mut rest = Rest(std::str::from_utf8(line).ok()?);
        loop {
            let hop = rest.hop()?;
            // A list may have empty elements (RFC 9110, section 5.6.1).
            if hop != Self::default() {
                hops.push(hop);
            }
            if rest.0.is_empty() {
                return Some(hops);
            }
            rest.take(',')?;
        }
    }
}

impl Node {
    /// Its address, if that is said: an IPv4 one as such, where a socket for both kinds had it.
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Address(address) => {
                Some(SocketAddr::new(address.ip().to_canonical(), address.port()))
            }
            Self::Hidden => None,
        }
    }

    /// Reads the name of a node (RFC 7239, section 6); `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (text, None),
        };
        let is_hidden = |name: &str| {
            let rest = name.strip_prefix('_').unwrap_or_default();
            !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        let port = match port {
            // The port of somebody known may be kept secret, too.
            Some(port) if is_hidden(port) => 0,
            Some(port) => decimal_port(port)?,
            None => 0,
        };
        if name.eq_ignore_ascii_case("unknown") || is_hidden(name) {
            return Some(Self::Hidden);
        }
        let ip = match name.strip_prefix('[') {
            Some(literal) => IpAddr::V6(literal.strip_suffix(']')?.parse().ok()?),
            None => IpAddr::V4(name.parse().ok()?),
        };
        Some(Self::Address(SocketAddr::new(ip, port)))
    }

    /// Reads `X-Forwarded-For`: who asked each proxy, the client first. An IPv6 address stands
    /// there without brackets as well, and what is no address at all is somebody hidden.
    pub fn list(line: &[u8]) -> impl DoubleEndedIterator<Item = Self> + '_ {
        line.split(|&byte| byte == b',').map(|element| {
            let text = std::str::from_utf8(element.trim_ascii()).unwrap_or_default();
            let bare = text.parse().ok().map(|ip: IpAddr| Self::Address((ip, 0).into()));
            bare.or_else(|| Self::parse(text)).unwrap_or(Self::Hidden)
        })
    }
}

/// The last element of a comma list: what the last proxy said.
pub fn last_element(line: &[u8]) -> Option<&str> {
    let last = elements(line).last().filter(|last| !last.is_empty())?;
    std::str::from_utf8(last).ok()
}

/// The scheme a proxy was asked by, as far as it matters: whether it was a secure one. `None` if it
/// is no scheme of the web.
pub fn is_secure_scheme(scheme: &str) -> Option<bool> {
    let is = |one: &str| scheme.eq_ignore_ascii_case(one);
    match scheme {
        _ if is("https") || is("wss") => Some(true),
        _ if is("http") || is("ws") => Some(false),
        _ => None,
    }
}

/// Whether this names a host, and perhaps a port.
pub fn is_authority(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(':') && is_host(text.as_bytes())
}

fn decimal_port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// What is left of a line.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes a hop: pairs and semicolons, up to a comma or the end.
    fn hop(&mut self) -> Option<Hop<'a>> {
        let mut hop = Hop::default();
        let mut has_by = false;
        loop {
            self.skip_blanks();
            if !self.0.is_empty() && !self.0.starts_with([';', ',']) {
                let (name, value) = self.pair()?;
                let is_repeated = match name {
                    _ if name.eq_ignore_ascii_case("for") => {
                        hop.asker.replace(Node::parse(&value)?).is_some()
                    }
                    _ if name.eq_ignore_ascii_case("proto") => hop.scheme.replace(value).is_some(),
                    _ if name.eq_ignore_ascii_case("host") => hop.host.replace(value).is_some(),
                    _ if name.eq_ignore_ascii_case("by") => {
                        Node::parse(&value)?;
                        std::mem::replace(&mut has_by, true)
                    }
                    // An extension, which is not for us.
                    _ => false,
                };
                if is_repeated {
                    return None;
                }
                self.skip_blanks();
            }
            match self.0.bytes().next() {
                Some(b';') => self.take(';')?,
                Some(b',') | None => return Some(hop),
                Some(_) => return None,
            }
        }
    }

    fn pair(&mut self) -> Option<(&'a str, Cow<'a, str>)> {
        let name = self.token()?;
        self.take('=')?;
        match self.0.strip_prefix('"') {
            Some(rest) => {
                self.0 = rest;
                Some((name, self.quoted()?))
            }
            None => Some((name, Cow::Borrowed(self.token()?))),
        }
    }

    /// Takes what stands before the closing quote, and the quote (RFC 9110, section 5.6.4).
    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let mut text = Cow::Borrowed("");
        loop {
            let end = self.0.find(['"', '\\'])?;
            let (plain, rest) = self.0.split_at(end);
            text += plain;
            if let Some(rest) = rest.strip_prefix('"') {
                self.0 = rest;
                return Some(text);
            }
            let escaped = rest[1..].chars().next()?;
            text.to_mut().push(escaped);
            self.0 = &rest[1 + escaped.len_utf8()..];
        }
    }

    fn token(&mut self) -> Option<&'a str> {
        let end = self.0.bytes().position(|byte| !is_token(byte)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    fn take(&mut self, mark: char) -> Option<()> {
        self.0 = self.0.strip_prefix(mark)?;
        Some(())
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(address: &str) -> Option<Node> {
        Some(Node::Address(address.parse().expect("the test writes an address")))
    }

    fn from(asker: Option<Node>) -> Hop<'static> {
        Hop { asker, ..Hop::default() }
    }

    #[test]
    fn a_line_is_a_list_of_hops() {
        for (line, hops) in [
            ("for=192.0.2.43", vec![from(at("192.0.2.43:0"))]),
            ("For=\"192.0.2.43:4711\"", vec![from(at("192.0.2.43:4711"))]),
            ("for=\"[2001:db8:cafe::17]:4711\"", vec![from(at("[2001:db8:cafe::17]:4711"))]),
            ("for=\"[2001:db8::1]\"", vec![from(at("[2001:db8::1]:0"))]),
            ("for=unknown", vec![from(Some(Node::Hidden))]),
            ("for=\"_gazonk\"", vec![from(Some(Node::Hidden))]),
            ("for=_SEVKISEK", vec![from(Some(Node::Hidden))]),
            ("for=\"192.0.2.43:_secret\"", vec![from(at("192.0.2.43:0"))]),
            (
                "for=192.0.2.43, for=198.51.100.17",
                vec![from(at("192.0.2.43:0")), from(at("198.51.100.17:0"))],
            ),
            (
                "for=192.0.2.60;proto=http;by=203.0.113.43",
                vec![Hop { asker: at("192.0.2.60:0"), scheme: Some("http".into()), host: None }],
            ),
            (
                "for=192.0.2.60; proto=https; host=\"a.example:8443\"",
                vec![Hop {
                    asker: at("192.0.2.60:0"),
                    scheme: Some("https".into()),
                    host: Some("a.example:8443".into()),
                }],
            ),
            (
                "proto=https;secret=\"a;b,c=\\\"d\\\\\";host=a",
                vec![Hop { asker: None, scheme: Some("https".into()), host: Some("a".into()) }],
            ),
            ("host=\"a\\.b\"", vec![Hop { host: Some("a.b".into()), ..Hop::default() }]),
            (
                "for=\"192.0.2.1\" , , for=\"192.0.2.2\",",
                vec![from(at("192.0.2.1:0")), from(at("192.0.2.2:0"))],
            ),
            ("", vec![]),
            (" ,; ,", vec![]),
        ] {
            assert_eq!(Hop::list(line.as_bytes()), Some(hops), "{line}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_no_line() {
        for line in [
            "for",
            "for=",
            "=192.0.2.1",
            "for =192.0.2.1",
            "for= 192.0.2.1",
            "for=192.0.2.1 x",
            "for=\"192.0.2.1",
            "for=\"192.0.2.1\\",
            "for=\"192.0.2.1\"x",
            "for=192.0.2.1:80",
            "for=[::1]",
            "for=\"::1\"",
            "for=\"[::1\"",
            "for=\"[::1]x\"",
            "for=\"[192.0.2.1]\"",
            "for=192.0.2",
            "for=a.example",
            "for=_",
            "for=\"192.0.2.1:\"",
            "for=\"192.0.2.1:+80\"",
            "for=\"192.0.2.1:65536\"",
            "for=192.0.2.1;for=192.0.2.2",
            "by=1;by=1",
            "by=me",
            "by=unknown;By=unknown",
            "host=a;host=b",
            "proto=http;proto=https",
            "for=192.0.2.1\0",
            "for=192.0.2.1;proto=\"",
            "f\u{f6}r=192.0.2.1",
        ] {
            assert_eq!(Hop::list(line.as_bytes()), None, "{line:?}");
        }
        assert_eq!(Hop::list(b"for=\"\xff\""), None);
    }

    #[test]
    fn the_older_list_takes_addresses_in_every_spelling() {
        let nodes: Vec<_> = Node::list(
            b"192.0.2.1,192.0.2.2:80 , 2001:db8::1, [2001:db8::2],[2001:db8::3]:80, unknown, , _a, \
              a.example, 192.0.2, \xff",
        )
        .collect();
        let addresses = [
            "192.0.2.1:0",
            "192.0.2.2:80",
            "[2001:db8::1]:0",
            "[2001:db8::2]:0",
            "[2001:db8::3]:80",
        ];
        let known = addresses.into_iter().filter_map(at);
        assert_eq!(nodes, known.chain([Node::Hidden; 6]).collect::<Vec<_>>());
    }

    #[test]
    fn the_last_proxy_has_the_last_word() {
        for (line, last) in [
            ("https", Some("https")),
            ("https, http", Some("http")),
            ("https ,\thttp ", Some("http")),
            ("https,", None),
            ("", None),
        ] {
            assert_eq!(last_element(line.as_bytes()), last, "{line:?}");
        }
        for (scheme, is_secure) in [
            ("https", Some(true)),
            ("WSS", Some(true)),
            ("Http", Some(false)),
            ("ws", Some(false)),
            ("ftp", None),
            ("", None),
        ] {
            assert_eq!(is_secure_scheme(scheme), is_secure, "{scheme}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_without_a_panic(line: Vec<u8>, text: String) {
            let _ = (Hop::list(&line), Hop::list(text.as_bytes()), Node::parse(&text));
            let _ = (Node::list(&line).count(), last_element(&line), is_authority(&text));
        }

        #[test]
        fn quotes_and_escapes_change_nothing(name in "[a-z0-9.-]{1,20}", escape: bool) {
            let quoted: String = match escape {
                true => name.chars().flat_map(|letter| ['\\', letter]).collect(),
                false => name.clone(),
            };
            let line = format!("host=\"{quoted}\";proto=http");
            let hops = Hop::list(line.as_bytes()).expect("it is sound");
            prop_assert_eq!(hops[0].host.as_deref(), Some(&*name));
        }
    }
}
