//! Paths as routes match them: spellings that RFC 3986 has for the same path are the same (section
//! 6.2.2).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The path with its escapes decoded, but for those of `/`, which would end its segment, and of
/// `%`, which would begin another. Whoever uses a segment decodes those two.
///
/// Otherwise a guarded route would be passed by whoever spells it in another way, where files or a
/// wider route lie behind it. A path that decodes to anything but UTF-8 is left as it is.
pub(crate) fn plain_path(path: &str) -> Cow<'_, str> {
    if !path.as_bytes().contains(&b'%') {
        return Cow::Borrowed(path);
    }
    let mut plain = String::with_capacity(path.len());
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            plain.push('/');
        }
        let Ok(decoded) = percent_decode_str(segment).decode_utf8() else {
            return Cow::Borrowed(path);
        };
        for character in decoded.chars() {
            match character {
                '/' => plain.push_str("%2F"),
                '%' => plain.push_str("%25"),
                other => plain.push(other),
            }
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_path_has_one_plain_spelling() {
        for (path, plain) in [
            ("/live", "/live"),
            ("/%6Cive", "/live"),
            ("/%6c%69%76%65", "/live"),
            ("/a%20b", "/a b"),
            ("/gr%C3%BC%C3%9Fe", "/grüße"),
            ("/a%2fb", "/a%2Fb"),
            ("/a%2Fb/c", "/a%2Fb/c"),
            ("/100%25", "/100%25"),
            ("/%2541", "/%2541"),
            ("/%25%34%31", "/%2541"),
            ("/%7Bid%7D", "/{id}"),
            ("/%FF/%41", "/%FF/%41"),
        ] {
            assert_eq!(plain_path(path), plain, "{path}");
        }
    }

    #[test]
    fn a_plain_path_is_as_plain_as_it_gets() {
        for path in ["/a%2Fb%25%41", "/%2541", "/%00%0D%0A", "/%FF"] {
            let plain = plain_path(path);
            assert_eq!(plain_path(&plain), plain, "{path}");
        }
    }
}
