//! From the path a client sent to a name below a folder. Pure: it knows no disk.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// The one dot folder that is public by its standard (RFC 8615): proofs and policies live there.
const WELL_KNOWN: &str = ".well-known";

/// Decodes a percent-encoded path, or returns `None` if it can name nothing that may be served.
///
/// Decoded once, segment by segment, so that an encoded slash never becomes a separator. One slash
/// at the end is taken off. Refused is a segment that is empty, begins with a dot (`..` and hidden
/// files alike; [`WELL_KNOWN`] in front is the exception), is not UTF-8, or contains a slash, a
/// backslash or NUL. What comes out is relative and has only plain segments.
pub(super) fn decode(path: &str) -> Option<PathBuf> {
    let mut name = PathBuf::new();
    if path.is_empty() {
        return Some(name);
    }
    for (place, segment) in path.strip_suffix('/').unwrap_or(path).split('/').enumerate() {
        let segment = percent_decode_str(segment).decode_utf8().ok()?;
        let is_hidden = segment.starts_with('.') && !(place == 0 && segment == WELL_KNOWN);
        if segment.is_empty() || is_hidden || segment.contains(['/', '\\', '\0']) {
            return None;
        }
        name.push(&*segment);
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_decoded_once() {
        for (path, name) in [
            ("", ""),
            ("a.txt", "a.txt"),
            ("css/site.css", "css/site.css"),
            ("css/", "css"),
            ("a%20b.txt", "a b.txt"),
            ("gr%C3%BC%C3%9Fe.txt", "grüße.txt"),
            ("100%.txt", "100%.txt"),
            ("%252e%252e/x", "%2e%2e/x"),
            ("what%3F%23.txt", "what?#.txt"),
            ("a..b", "a..b"),
            ("a.", "a."),
            (".well-known/security.txt", ".well-known/security.txt"),
            ("%2ewell-known/x", ".well-known/x"),
        ] {
            assert_eq!(decode(path).as_deref(), Some(Path::new(name)), "{path:?}");
        }
    }

    #[test]
    fn paths_that_name_nothing_servable_are_refused() {
        for path in [
            "..",
            "../",
            "../secret",
            "a/../b",
            "a/..",
            "./a",
            "a/.",
            "%2e%2e/secret",
            "%2E%2e/secret",
            ".%2e/secret",
            "..%2fsecret",
            "..%2Fsecret",
            "a%2fb",
            "%2fetc%2fpasswd",
            "..%5csecret",
            "..\\secret",
            "a\\b",
            "a%5Cb",
            "/",
            "/etc/passwd",
            "//evil.example",
            "a//b",
            "a//",
            "a%00.txt",
            "a\0.txt",
            "%ff",
            "%c0%ae%c0%ae/secret",
            ".env",
            ".git/config",
            "a/.hidden",
            "%2eenv",
            ".well-known/.hidden",
            "a/.well-known/x",
            ".well-knowns",
            "...",
        ] {
            assert_eq!(decode(path), None, "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn a_decoded_path_has_only_plain_segments(
            path in "([./%\\\\]|%2[eEfF]|%5[cC]|%00|a)*|\\PC*",
        ) {
            if let Some(name) = decode(&path) {
                prop_assert!(name.components().all(|part| matches!(part, Component::Normal(_))));
            }
        }
    }
}
