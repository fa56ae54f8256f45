//! The first line of a request, judged and packed in one pass (RFC 9112, section 3).
//!
//! Takes what is whole and sound, and nothing else, as [`field_lines`](super::field_lines) does.

use super::{
    diagnosis::METHOD_BYTES_MAX, ends::Ends, grammar::is_token_text, methods, packing::Packing,
    target::Target, version::Version,
};

/// A request line: its target has been packed.
pub(super) struct RequestLine<'a> {
    pub method: &'a [u8],
    /// The place of the method, if it has one.
    pub place: Option<u8>,
    pub target: Target<'a>,
    pub version: Version,
}

/// Reads the line that the input begins with, and packs its target. Returns what is left behind it;
/// `None` if it is not whole, or malformed.
#[inline]
pub(super) fn read_request_line<'a>(
    input: &'a [u8],
    target_bytes_max: usize,
    packing: &mut Packing<'_>,
) -> Option<(RequestLine<'a>, &'a [u8])> {
    let (method, rest) = Ends::BLANK.split(input);
    let place = methods::place(method);
    if place.is_none() && (method.len() > METHOD_BYTES_MAX || !is_token_text(method)) {
        return None;
    }
    let start = rest.strip_prefix(b" ")?;
    let begun = packing.begin();
    let rest = packing.copy_up_to(Ends::BLANK, start);
    let target = &start[..start.len() - rest.len()];
    packing.finish(begun, target.len());
    let is_measured = !target.is_empty() && target.len() <= target_bytes_max;
    let target = Target::new(target);
    let (version, rest) = Version::read(rest.strip_prefix(b" ")?)?;
    let is_sound = is_measured && target.is_sound();
    is_sound
        .then_some((RequestLine { method, place, target, version }, rest.strip_prefix(b"\r\n")?))
}

#[cfg(test)]
mod tests {
    use super::super::packing::split_part;
    use super::*;

    fn read(input: &str) -> Option<(String, String, Version, usize)> {
        let mut room = vec![0; Packing::room_bytes(input.len())];
        let mut packing = Packing::new(&mut room, 0);
        let (line, after) = read_request_line(input.as_bytes(), 20, &mut packing)?;
        let packed = packing.end();
        let (target, rest) = split_part(&room[..packed]).expect("the target was packed");
        assert!(rest.is_empty());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is ASCII");
        Some((text(line.method), text(target), line.version, input.len() - after.len()))
    }

    #[test]
    fn a_line_is_a_method_a_target_and_a_version() {
        for (method, target, version) in [
            ("GET", "/", Version::Http11),
            ("GET", "/a?b=%20", Version::Http10),
            ("POST", "http://a/b", Version::Http11),
            ("OPTIONS", "*", Version::Http11),
            ("M-SEARCH", "12345678901234567890", Version::Http11),
            ("A2345678901234567890123456789012", "/", Version::Http11),
        ] {
            let input = format!("{method} {target} {version}\r\n");
            let expected = Some((method.to_owned(), target.to_owned(), version, input.len()));
            assert_eq!(read(&input), expected, "{input:?}");
            assert_eq!(read(&(input.clone() + "Host: a\r\n\r\n")), expected, "{input:?}");
            for cut in 0..input.len() {
                assert_eq!(read(&input[..cut]), None, "{input:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn any_other_line_is_not_taken() {
        for input in [
            " GET / HTTP/1.1\r\n",
            "G(T / HTTP/1.1\r\n",
            "GET\t/ HTTP/1.1\r\n",
            "GET\r\n / HTTP/1.1\r\n",
            "A23456789012345678901234567890123 / HTTP/1.1\r\n",
            "GET  / HTTP/1.1\r\n",
            "GET /a#b HTTP/1.1\r\n",
            "GET /\u{e9} HTTP/1.1\r\n",
            "GET /\x7f HTTP/1.1\r\n",
            "GET /\t HTTP/1.1\r\n",
            "GET /\r\n HTTP/1.1\r\n",
            "GET 123456789012345678901 HTTP/1.1\r\n",
            "GET /  HTTP/1.1\r\n",
            "GET / HTTP/1.2\r\n",
            "GET / HTTP/2.0\r\n",
            "GET / http/1.1\r\n",
            "GET / HTTP/1.1 \r\n",
            "GET / HTTP/1.1\n",
            "GET / HTTP/1.1\r\r\n",
        ] {
            assert_eq!(read(input), None, "{input:?}");
        }
    }
}
