//! The target of a request, in the forms a server may meet (RFC 9112, section 3.2).
//!
//! Knows what an escape looks like, not what it stands for, and no routes.

use http::Method;

use super::{
    fault::{Fault, excerpt},
    grammar::is_escape,
    host::is_host,
};

/// Tells whether the target has a form that goes with the method.
///
/// # Errors
/// [`Fault::Connect`] for the method of proxies, whatever its target; [`Fault::Target`] for
/// anything but a path, an http address and, for `OPTIONS`, an asterisk; [`Fault::Host`] if the
/// address names no host; [`Fault::Escape`] for a `%` in the path that no two digits follow. In a
/// query it passes: browsers send what people type.
pub(super) fn check(method: &Method, target: &str) -> Result<(), Fault> {
    if *method == Method::CONNECT {
        return Err(Fault::Connect);
    }
    if target == "*" && *method == Method::OPTIONS {
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

/// Whether two hexadecimal digits follow each `%` of the path (RFC 3986, section 2.1).
fn check_escapes(target: &str) -> Result<(), Fault> {
    if !target.as_bytes().contains(&b'%') {
        return Ok(());
    }
    let path = path_and_query(target).0;
    let mut escapes = path.match_indices('%').map(|(at, _)| &path.as_bytes()[at..]);
    match escapes.find(|text| !is_escape(text)) {
        None => Ok(()),
        Some(text) => Err(Fault::Escape(excerpt(&text[..text.len().min(ESCAPE_BYTES)]))),
    }
}

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

/// Bytes of an escape.
const ESCAPE_BYTES: usize = 3;

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
            assert_eq!(check(&method, text), outcome, "{method} {text}");
        }
    }
}
