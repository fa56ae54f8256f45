//! A header as it is sent: by its type it cannot end its line (RFC 9110, section 5).

use ::http::{HeaderName, HeaderValue};

use super::{
    fault::{Fault, excerpt},
    grammar::{is_field_byte, is_token, is_token_text},
};

/// A header to be sent: its name is a token and its value has no control byte, so that neither ends
/// the line, the head or the message it stands in.
///
/// There is no other way to have a header written than to have one of these.
///
/// ```
/// use crampon::protocol::http::Header;
///
/// const CACHED: Header<'static> = Header::of("cache-control", "max-age=60");
/// assert!(Header::new("location", b"/next\r\nset-cookie: theirs").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    name: &'a str,
    value: &'a [u8],
}

impl<'a> Header<'a> {
    /// A header, if that is what it is.
    ///
    /// # Errors
    /// [`Fault::HeaderName`] if the name is no token, [`Fault::HeaderValue`] if the value has CR,
    /// LF, NUL or another control byte than a tab.
    pub fn new(name: &'a str, value: &'a [u8]) -> Result<Self, Fault> {
        if !is_token_text(name.as_bytes()) {
            return Err(Fault::HeaderName(excerpt(name.as_bytes())));
        }
        if !value.iter().copied().all(is_field_byte) {
            return Err(Fault::HeaderValue(excerpt(name.as_bytes())));
        }
        Ok(Self { name, value })
    }

    /// One of the parts of one, kept apart.
    pub(super) fn of_parts(name: &'a str, value: &'a [u8]) -> Self {
        Self { name, value }
    }

    /// The name.
    pub fn name(self) -> &'a str {
        self.name
    }

    /// The value.
    pub fn value(self) -> &'a [u8] {
        self.value
    }
}

impl Header<'static> {
    /// A header the program has of its own.
    ///
    /// # Panics
    /// When it is none; in a constant that is an error of the compiler's.
    pub const fn of(name: &'static str, value: &'static str) -> Self {
        assert!(!name.is_empty(), "a header has a name");
        let mut at = 0;
        while at < name.len() {
            assert!(is_token(name.as_bytes()[at]), "a header's name is a token");
            at += 1;
        }
        at = 0;
        while at < value.len() {
            assert!(is_field_byte(value.as_bytes()[at]), "a header's value has no control bytes");
            at += 1;
        }
        Self { name, value: value.as_bytes() }
    }
}

impl<'a> From<(&'a HeaderName, &'a HeaderValue)> for Header<'a> {
    fn from((name, value): (&'a HeaderName, &'a HeaderValue)) -> Self {
        Self { name: name.as_str(), value: value.as_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_token_and_a_value_without_control_bytes() {
        for (name, value) in [("x", "a"), ("X-Y", ""), ("x", "a\tb"), ("x", "\u{e9}")] {
            let header = Header::new(name, value.as_bytes()).expect("it is one");
            assert_eq!((header.name(), header.value()), (name, value.as_bytes()));
        }
        for value in ["\r", "\n", "\0", "a\r\nb: c", "\u{7f}", "\u{1b}"] {
            let fault = Header::new("x", value.as_bytes());
            assert_eq!(fault, Err(Fault::HeaderValue("x".into())), "{value:?}");
        }
        for name in ["", "a b", "a:", "a\r\nb", "a\0", "\u{e9}"] {
            let fault = Header::new(name, b"a");
            assert_eq!(fault, Err(Fault::HeaderName(excerpt(name.as_bytes()))), "{name:?}");
        }
    }

    #[test]
    fn what_the_types_of_http_take_is_a_header() {
        for byte in 0..=u8::MAX {
            let Ok(value) = HeaderValue::from_bytes(&[b'a', byte]) else { continue };
            let name = HeaderName::from_static("x");
            let header = Header::from((&name, &value));
            assert_eq!(Header::new("x", value.as_bytes()), Ok(header), "{byte}");
        }
    }

    #[test]
    #[should_panic(expected = "a header's value has no control bytes")]
    fn a_header_of_the_program_that_is_none_is_a_mistake_in_it() {
        Header::of("x", "a\nb");
    }
}
