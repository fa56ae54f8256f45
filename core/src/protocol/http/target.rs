//! The target of a request, in the forms a server may meet (RFC 9112, section 3.2).
//!
//! Knows what an escape looks like, not what it stands for, and no routes.

use http::Method;

use super::{
    fault::{Fault, excerpt},
    grammar::{ESCAPE_BYTES, is_escape, is_target_byte},
    host::is_host,
};

/// A target, and what kinds of bytes it has, found in one pass.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    bytes: &'a [u8],
    kinds: u8,
}

impl<'a> Target<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let kinds = bytes.iter().fold(0, |kinds, &byte| kinds | KINDS[usize::from(byte)]);
        Self { bytes, kinds }
    }

    /// Whether all its bytes may stand in a target.
    pub fn is_sound(self) -> bool {
        self.kinds & FOREIGN == 0
    }

    /// Whether it is a path and no more, each byte of which stands for itself.
    pub fn is_bare_path(self) -> bool {
        self.kinds == 0 && self.bytes.starts_with(b"/")
    }

    /// Tells whether it has a form that goes with the method.
    ///
    /// # Errors
    /// [`Fault::Connect`] for the method of proxies, whatever its target; [`Fault::Target`] for
    /// anything but a path, an http address and, for `OPTIONS`, an asterisk; [`Fault::Host`] if
    /// the address names no host; [`Fault::Escape`] for a `%` in the path that no two digits
    /// follow. In a query it passes: browsers send what people type.
    pub fn check(self, method: &Method) -> Result<(), Fault> {
        if *method == Method::CONNECT {
            return Err(Fault::Connect);
        }
        if self.is_bare_path() {
            return Ok(());
        }
        let target = self.text();
        if target == ASTERISK && *method == Method::OPTIONS {
            return Ok(());
        }
        if target.starts_with('/') {
            return check_escapes(target);
        }
        let Some(authority) = authority(target) else {
            return Err(Fault::Target(excerpt(target.as_bytes())));
        };
        let names_nobody = authority.is_empty() || authority.starts_with(':');
        if names_nobody || !is_host(authority.as_bytes()) {
            return Err(Fault::Host(excerpt(authority.as_bytes())));
        }
        check_escapes(target)
    }

    fn text(self) -> &'a str {
        std::str::from_utf8(self.bytes).expect("targets beyond ASCII are refused")
    }
}

/// Whether two hexadecimal digits follow each `%` of the path (RFC 3986, section 2.1).
fn check_escapes(target: &str) -> Result<(), Fault> {
    let path = path_and_query(target).0;
    let mut escapes = path.match_indices('%').map(|(at, _)| &path.as_bytes()[at..]);
    match escapes.find(|text| !is_escape(text)) {
        None => Ok(()),
        Some(text) => Err(Fault::Escape(excerpt(&text[..text.len().min(ESCAPE_BYTES)]))),
    }
}

/// The target of a request to the server as a whole.
pub(super) const ASTERISK: &str = "*";

/// What may stand in no target.
const FOREIGN: u8 = 1;
/// What begins an escape.
const ESCAPES: u8 = 2;
/// What begins a query.
const ASKS: u8 = 4;

/// The kind of each byte; nothing if it stands for itself in a path.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'%' => ESCAPES,
            b'?' => ASKS,
            byte if is_target_byte(byte) => 0,
            _ => FOREIGN,
        };
        byte += 1;
    }
    kinds
};

/// The host and port of an absolute target; `None` if it has another form.
pub(super) fn authority(target: &str) -> Option<&str> {
    let rest = after_scheme(target)?;
    Some(&rest[..authority_end(rest)])
}

/// The path and the query, where an absolute target is reduced to its own.
pub(super) fn path_and_query(target: &str) -> (&str, Option<&str>) {
    let local = match after_scheme(target) {
        Some(rest) => &rest[authority_end(rest)..],
        None => target,
    };
    // Byte by byte: a path is too short for a faster search to make good its beginning.
    let (path, query) = match local.bytes().position(|byte| byte == b'?') {
        Some(at) => (&local[..at], Some(&local[at + 1..])),
        None => (local, None),
    };
    (if path.is_empty() { "/" } else { path }, query)
}

fn after_scheme(target: &str) -> Option<&str> {
    if target.starts_with('/') {
        return None;
    }
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let beginning = target.get(..scheme.len())?;
        beginning.eq_ignore_ascii_case(scheme).then(|| &target[scheme.len()..])
    })
}

fn authority_end(rest: &str) -> usize {
    rest.find(['/', '?']).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_split_into_path_and_query() {
        for (target, path, query) in [
            ("/", "/", None),
            ("/a/b", "/a/b", None),
            ("/a?", "/a", Some("")),
            ("/a?b=c?d", "/a", Some("b=c?d")),
            ("//a/b", "//a/b", None),
            ("*", "*", None),
            ("http://a", "/", None),
            ("http://a/", "/", None),
            ("HTTPS://a:1/b?c", "/b", Some("c")),
            ("http://a?b/c", "/", Some("b/c")),
            ("/http://a", "/http://a", None),
        ] {
            assert_eq!(path_and_query(target), (path, query), "{target}");
        }
    }

    #[test]
    fn a_bare_path_has_no_escape_and_no_query() {
        for (text, is_bare, is_sound) in [
            ("/", true, true),
            ("/a/b.c|{d}", true, true),
            ("/a?", false, true),
            ("/%41", false, true),
            ("http://a/", false, true),
            ("*", false, true),
            ("", false, true),
            ("/a b", false, false),
            ("/a#b", false, false),
            ("/\u{e9}", false, false),
        ] {
            let target = Target::new(text.as_bytes());
            assert_eq!((target.is_bare_path(), target.is_sound()), (is_bare, is_sound), "{text}");
        }
    }

    #[test]
    fn a_target_has_a_form_that_goes_with_its_method() {
        let target = |text: &str| Err(Fault::Target(text.into()));
        let host = |text: &str| Err(Fault::Host(text.into()));
        for (method, text, outcome) in [
            (Method::GET, "/", Ok(())),
            (Method::GET, "http://a/b", Ok(())),
            (Method::OPTIONS, "*", Ok(())),
            (Method::GET, "*", target("*")),
            (Method::OPTIONS, "**", target("**")),
            (Method::GET, "a", target("a")),
            (Method::GET, "a:80", target("a:80")),
            (Method::GET, "ftp://a/", target("ftp://a/")),
            (Method::GET, "http:/a", target("http:/a")),
            (Method::GET, "http:///a", host("")),
            (Method::GET, "http://:80/a", host(":80")),
            (Method::GET, "http://me@a/", host("me@a")),
            (Method::CONNECT, "a:80", Err(Fault::Connect)),
            (Method::CONNECT, "/", Err(Fault::Connect)),
            (Method::GET, "/%00%fF?%", Ok(())),
            (Method::GET, "/100%", Err(Fault::Escape("%".into()))),
            (Method::GET, "/a%4", Err(Fault::Escape("%4".into()))),
            (Method::GET, "/%%41", Err(Fault::Escape("%%4".into()))),
            (Method::GET, "http://a/%zz/b", Err(Fault::Escape("%zz".into()))),
        ] {
            assert_eq!(Target::new(text.as_bytes()).check(&method), outcome, "{method} {text}");
        }
    }
}
