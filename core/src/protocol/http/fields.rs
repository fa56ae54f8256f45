//! Header fields, packed behind each other in one slice.
//!
//! A record is a name and a value, without the blanks around it. A name that many send takes one
//! byte, its place among the [known](super::field_names); any other a zero, its length and its
//! letters. A length takes one byte, and four more from 255 on. A lookup hops from record to
//! record. Knows no field's meaning.

use super::field_names;
use super::grammar::elements;
use super::head_limits::HEADERS_CEILING;

/// The fields left to walk.
#[derive(Clone)]
pub(super) struct Fields<'a>(&'a [u8]);

/// Copies the fields into one slice of exactly their size.
pub(super) fn pack(headers: &[httparse::Header<'_>]) -> Box<[u8]> {
    pack_all(0, |_| (), headers, &mut Box::default())
}

/// The same behind a few bytes and a part, in the block `spare` if that has the size.
pub(super) fn pack_behind(
    before: &[u8],
    part: &str,
    headers: &[httparse::Header<'_>],
    spare: &mut Box<[u8]>,
) -> Box<[u8]> {
    let begin = |packed: &mut Vec<u8>| {
        packed.extend_from_slice(before);
        pack_part(packed, part.as_bytes());
    };
    pack_all(before.len() + part_bytes(part.len()), begin, headers, spare)
}

fn pack_all(
    bytes_before: usize,
    begin: impl FnOnce(&mut Vec<u8>),
    headers: &[httparse::Header<'_>],
    spare: &mut Box<[u8]>,
) -> Box<[u8]> {
    let mut places = [UNKNOWN; HEADERS_CEILING];
    let mut bytes = bytes_before;
    for (field, place) in headers.iter().zip(&mut places) {
        *place = field_names::place(field.name).unwrap_or(UNKNOWN);
        bytes += 1 + if *place == UNKNOWN { part_bytes(field.name.len()) } else { 0 };
        bytes += part_bytes(field.value.len());
    }
    let mut packed = match spare.len() == bytes {
        true => std::mem::take(spare).into_vec(),
        false => Vec::with_capacity(bytes),
    };
    packed.clear();
    begin(&mut packed);
    for (field, place) in headers.iter().zip(places) {
        packed.push(place);
        if place == UNKNOWN {
            pack_part(&mut packed, field.name.as_bytes());
        }
        pack_part(&mut packed, field.value);
    }
    packed.into_boxed_slice()
}

/// Stands for the place of a name that is spelled out.
const UNKNOWN: u8 = 0;

/// From here on a length takes four bytes more.
const LONG: u8 = u8::MAX;

/// Bytes that a part of so many takes with its length.
fn part_bytes(len: usize) -> usize {
    len + if len < usize::from(LONG) { 1 } else { 5 }
}

#[inline]
fn pack_part(packed: &mut Vec<u8>, part: &[u8]) {
    match u8::try_from(part.len()) {
        Ok(len) if len < LONG => packed.push(len),
        _ => {
            let len = u32::try_from(part.len()).expect("a head's window is shorter than 4 GiB");
            packed.push(LONG);
            packed.extend_from_slice(&len.to_ne_bytes());
        }
    }
    packed.extend_from_slice(part);
}

/// Splits the first part off what is packed.
#[inline]
pub(super) fn split_part(packed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (short, rest) = packed.split_first()?;
    if *short < LONG {
        return rest.split_at_checked(usize::from(*short));
    }
    let (long, rest) = rest.split_first_chunk()?;
    rest.split_at_checked(u32::from_ne_bytes(*long) as usize)
}

impl<'a> Fields<'a> {
    /// The fields of a packed slice, less what stands before them.
    pub(super) fn new(packed: &'a [u8]) -> Self {
        Self(packed)
    }

    /// The values of all fields of this name, in order.
    #[inline]
    pub(super) fn values(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let known = field_names::places(name);
        let is_sought = move |record: &Record<'_>| match record.place {
            UNKNOWN => record.spelled.eq_ignore_ascii_case(name.as_bytes()),
            place => known.contains(&place),
        };
        self.records().filter(is_sought).map(|record| record.value)
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
        self.records().map(|record| {
            let name = match record.place {
                UNKNOWN => std::str::from_utf8(record.spelled)
                    .expect("the tokenizer passes names of ASCII only"),
                place => field_names::at(place),
            };
            (name, record.value)
        })
    }

    fn records(mut self) -> impl Iterator<Item = Record<'a>> {
        std::iter::from_fn(move || {
            let (place, rest) = self.0.split_first()?;
            let (spelled, rest) = match *place {
                UNKNOWN => split_part(rest)?,
                _ => (&[][..], rest),
            };
            let (value, rest) = split_part(rest)?;
            self.0 = rest;
            Some(Record { place: *place, spelled, value })
        })
    }
}

/// A field as it is packed.
struct Record<'a> {
    place: u8,
    /// The letters of its name, if it has no place.
    spelled: &'a [u8],
    value: &'a [u8],
}

#[cfg(test)]
mod tests {
    use httparse::Header;

    use super::*;

    fn packed() -> Box<[u8]> {
        pack(&[
            Header { name: "Host", value: b"a" },
            Header { name: "Connection", value: b"keep-alive , Upgrade" },
            Header { name: "X", value: b"\xff" },
            Header { name: "connection", value: b"close" },
            Header { name: "Empty", value: b"" },
        ])
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

    #[test]
    fn parts_of_any_length_come_back() {
        for len in [0, 1, 254, 255, 256, 70_000] {
            let (name, value) = ("n".repeat(len.max(1)), "v".repeat(len));
            let sent = [Header { name: &name, value: value.as_bytes() }, HOST];
            let mut spare = pack_behind(&[7], &name, &sent, &mut Box::default());
            spare.fill(0);
            let (block, mut other) = (spare.as_ptr(), spare[1..].into());
            let packed = pack_behind(&[7], &name, &sent, &mut spare);
            assert_eq!((packed.as_ptr(), spare.len()), (block, 0), "the spare block is used");
            assert_eq!(pack_behind(&[7], &name, &sent, &mut other), packed, "another size is not");
            let (part, fields) = split_part(&packed[1..]).expect("a part was packed");
            assert_eq!((packed[0], part), (7, name.as_bytes()));
            let fields: Vec<_> = Fields::new(fields).iter().collect();
            assert_eq!(fields, [(&*name, value.as_bytes()), ("Host", b"a")], "{len}");
        }
    }

    #[test]
    fn a_field_that_many_send_takes_its_value_and_two_bytes() {
        assert_eq!(pack(&[HOST]).len(), 3);
        assert_eq!(pack(&[Header { name: "X-Own", value: b"a" }]).len(), 3 + 1 + 5);
    }

    const HOST: Header<'static> = Header { name: "Host", value: b"a" };
}
