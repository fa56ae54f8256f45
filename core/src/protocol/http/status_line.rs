//! The first line of a response, judged in one pass (RFC 9112, section 4).
//!
//! Takes what is whole and sound, and nothing else, as [`field_lines`](super::field_lines) does.

use http::StatusCode;

use super::{grammar::is_field_byte, version::Version};

/// A status line. Its reason phrase is nobody's business.
pub(super) struct StatusLine {
    pub status: StatusCode,
    pub version: Version,
}

/// Reads the line that the input begins with, and returns what is left behind it; `None` if it is
/// not whole, or malformed.
pub(super) fn read_status_line(input: &[u8]) -> Option<(StatusLine, &[u8])> {
    let (version, rest) = Version::read(input)?;
    let (digits, mut rest) = rest.strip_prefix(b" ")?.split_first_chunk::<3>()?;
    let status = StatusCode::from_bytes(digits).ok()?;
    if rest.starts_with(b" ") {
        rest = &rest[rest.iter().take_while(|&&byte| is_field_byte(byte)).count()..];
    }
    Some((StatusLine { status, version }, rest.strip_prefix(b"\r\n")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_version_a_status_and_perhaps_a_reason() {
        for (start, status, version) in [
            ("HTTP/1.1 200 OK", 200, Version::Http11),
            ("HTTP/1.0 999 ", 999, Version::Http10),
            ("HTTP/1.1 100", 100, Version::Http11),
            ("HTTP/1.1 404 Not\tat\t\tall \u{fc}blich", 404, Version::Http11),
        ] {
            let input = format!("{start}\r\n");
            for more in ["", "\r\n", "Date: 1\r\n\r\n"] {
                let input = format!("{input}{more}");
                let (line, rest) = read_status_line(input.as_bytes()).expect("it is one");
                let read = (line.status.as_u16(), line.version, rest);
                assert_eq!(read, (status, version, more.as_bytes()), "{input:?}");
            }
            for cut in 0..input.len() {
                let is_whole = read_status_line(&input.as_bytes()[..cut]).is_some();
                assert!(!is_whole, "{input:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn any_other_line_is_not_taken() {
        for input in [
            "HTTP/1.1 20 OK\r\n",
            "HTTP/1.1 099 OK\r\n",
            "HTTP/1.1 2000 OK\r\n",
            "HTTP/1.1 +20 OK\r\n",
            "HTTP/1.1  200 OK\r\n",
            "HTTP/1.1\t200 OK\r\n",
            "HTTP/1.1 200\tOK\r\n",
            "HTTP/1.1 200 O\x01K\r\n",
            "HTTP/1.1 200 OK\n",
            "HTTP/1.1 200 OK\r\r\n",
            "HTTP/1.2 200 OK\r\n",
            "http/1.1 200 OK\r\n",
        ] {
            assert!(read_status_line(input.as_bytes()).is_none(), "{input:?}");
        }
    }
}
