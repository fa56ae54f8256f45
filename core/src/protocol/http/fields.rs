//! Header fields, packed behind each other in one slice.
//!
//! A record is the length of the name, the length of the value (both 32 bits), the name as sent and
//! the value without the blanks around it. A lookup hops from record to record and compares names
//! of the right length only. Knows no field's meaning.

use super::grammar::elements;

/// Bytes of a record besides its name and value.
const LENGTHS_BYTES: usize = 8;

/// The fields left to walk.
#[derive(Clone)]
pub(super) struct Fields<'a>(&'a [u8]);

/// Copies the fields behind what a head begins with, into one slice of exactly their size.
pub(super) fn pack(beginning: &str, headers: &[httparse::Header<'_>]) -> Box<[u8]> {
    let fields_bytes: usize =
        headers.iter().map(|field| LENGTHS_BYTES + field.name.len() + field.value.len()).sum();
    let mut packed = Vec::with_capacity(beginning.len() + fields_bytes);
    packed.extend_from_slice(beginning.as_bytes());
    for field in headers {
        packed.extend_from_slice(&packed_length(field.name.as_bytes()));
        packed.extend_from_slice(&packed_length(field.value));
        packed.extend_from_slice(field.name.as_bytes());
        packed.extend_from_slice(field.value);
    }
    packed.into_boxed_slice()
}

fn packed_length(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).expect("a head's window is shorter than 4 GiB").to_ne_bytes()
}

impl<'a> Fields<'a> {
    /// The fields of a packed slice, less what stands before them.
    pub(super) fn new(packed: &'a [u8]) -> Self {
        Self(packed)
    }

    /// The values of all fields of this name, in order.
    pub(super) fn values(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.raw().filter(|(sent, _)| sent.eq_ignore_ascii_case(name.as_bytes())).map(|(_, v)| v)
    }

    /// The value of the first field of this name.
    pub(super) fn first(self, name: &str) -> Option<&'a [u8]> {
        self.values(name).next()
    }

    /// The first value, if it is text.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(self.first(name)?).ok()
    }

    /// Whether a comma list, over all fields of this name, has this token.
    pub(super) fn has_token(self, name: &str, token: &str) -> bool {
        self.values(name).flat_map(elements).any(|one| one.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// Names and values, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.raw().map(|(name, value)| {
            (std::str::from_utf8(name).expect("the tokenizer passes names of ASCII only"), value)
        })
    }

    fn raw(mut self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        std::iter::from_fn(move || {
            let (name_bytes, rest) = self.0.split_first_chunk()?;
            let (value_bytes, rest) = rest.split_first_chunk()?;
            let (name, rest) = rest.split_at(u32::from_ne_bytes(*name_bytes) as usize);
            let (value, rest) = rest.split_at(u32::from_ne_bytes(*value_bytes) as usize);
            self.0 = rest;
            Some((name, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use httparse::Header;

    use super::*;

    fn packed() -> Box<[u8]> {
        pack(
            "",
            &[
                Header { name: "Host", value: b"a" },
                Header { name: "Connection", value: b"keep-alive , Upgrade" },
                Header { name: "X", value: b"\xff" },
                Header { name: "connection", value: b"close" },
                Header { name: "Empty", value: b"" },
            ],
        )
    }

    #[test]
    fn a_name_is_found_in_any_case_and_the_first_wins() {
        let packed = packed();
        let fields = Fields::new(&packed);
        for (name, value) in [
            ("host", Some(&b"a"[..])),
            ("CONNECTION", Some(b"keep-alive , Upgrade")),
            ("x", Some(b"\xff")),
            ("empty", Some(b"")),
            ("absent", None),
            ("", None),
        ] {
            assert_eq!(fields.clone().first(name), value, "{name}");
        }
    }

    #[test]
    fn text_is_utf_8() {
        let packed = packed();
        assert_eq!(Fields::new(&packed).text("host"), Some("a"));
        assert_eq!(Fields::new(&packed).text("x"), None);
    }

    #[test]
    fn a_token_is_found_in_any_line_of_a_list() {
        let packed = packed();
        for (token, is_there) in
            [("upgrade", true), ("Keep-Alive", true), ("close", true), ("keep", false), ("", false)]
        {
            let fields = Fields::new(&packed);
            assert_eq!(fields.has_token("connection", token), is_there, "{token}");
        }
    }

    #[test]
    fn fields_come_back_in_order_as_sent() {
        let packed = packed();
        let names: Vec<&str> = Fields::new(&packed).iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Host", "Connection", "X", "connection", "Empty"]);
    }
}
