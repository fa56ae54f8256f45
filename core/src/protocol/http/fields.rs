//! Header fields, packed behind each other in one slice.
//!
//! A record is a name and a value, without the blanks around it. A name that many send takes one
//! byte, its place among the [known](super::field_names); any other a zero, its length and its
//! letters. A lookup hops from record to record. Knows no field's meaning.

use std::ops::Range;

use super::field_names;
use super::grammar::elements;
use super::packing::{Packing, split_part};

/// The fields left to walk.
#[derive(Clone)]
pub(super) struct Fields<'a>(&'a [u8]);

/// Packs a name that has no place.
#[inline]
pub(super) fn pack_name(packing: &mut Packing<'_>, name: &[u8]) {
    packing.push(UNKNOWN);
    packing.part(name);
}

/// Stands for the place of a name that is spelled out.
const UNKNOWN: u8 = 0;

/// A name that is looked up, in any case.
#[derive(Clone)]
pub(super) struct Sought<'n> {
    name: &'n [u8],
    /// Its places, if it is known.
    places: Range<u8>,
}

impl<'n> Sought<'n> {
    /// Where the name is a constant, so is all of this.
    #[inline(always)]
    pub(super) fn new(name: &'n str) -> Self {
        Self { name: name.as_bytes(), places: field_names::places(name) }
    }

    #[inline]
    fn is(&self, record: &Record<'_>) -> bool {
        match record.place {
            UNKNOWN => record.spelled.eq_ignore_ascii_case(self.name),
            place => self.places.contains(&place),
        }
    }
}

impl<'a> Fields<'a> {
    /// The fields of a packed slice, less what stands before them.
    pub(super) fn new(packed: &'a [u8]) -> Self {
        Self(packed)
    }

    /// The values of all fields of this name, in order.
    pub(super) fn values(mut self, sought: Sought<'_>) -> impl Iterator<Item = &'a [u8]> {
        std::iter::from_fn(move || self.next_of(&sought))
    }

    /// The value of the first field of this name.
    pub(super) fn first(mut self, sought: Sought<'_>) -> Option<&'a [u8]> {
        self.next_of(&sought)
    }

    /// The first value, if it is text.
    pub(super) fn text(self, sought: Sought<'_>) -> Option<&'a str> {
        std::str::from_utf8(self.first(sought)?).ok()
    }

    /// Whether a comma list, over all fields of this name, has this token.
    pub(super) fn has_token(mut self, sought: Sought<'_>, token: &str) -> bool {
        let is_it = |one: &[u8]| one.eq_ignore_ascii_case(token.as_bytes());
        while let Some(list) = self.next_of(&sought) {
            // Most lists are of one.
            if is_it(list) || list.contains(&b',') && elements(list).any(is_it) {
                return true;
            }
        }
        false
    }

    /// Names and values, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.records().map(|record| {
            let name = match record.place {
                UNKNOWN => {
                    std::str::from_utf8(record.spelled).expect("names are tokens, which are ASCII")
                }
                place => field_names::at(place),
            };
            (name, record.value)
        })
    }

    fn records(mut self) -> impl Iterator<Item = Record<'a>> {
        std::iter::from_fn(move || self.next())
    }

    /// Takes the fields up to the first of this name, and its value.
    fn next_of(&mut self, sought: &Sought<'_>) -> Option<&'a [u8]> {
        loop {
            let record = self.next()?;
            if sought.is(&record) {
                return Some(record.value);
            }
        }
    }

    #[inline]
    fn next(&mut self) -> Option<Record<'a>> {
        let (place, rest) = self.0.split_first()?;
        let (spelled, rest) = match *place {
            UNKNOWN => split_part(rest)?,
            _ => (&[][..], rest),
        };
        let (value, rest) = split_part(rest)?;
        self.0 = rest;
        Some(Record { place: *place, spelled, value })
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
    use super::super::field_lines::read_field_lines;
    use super::*;

    fn pack(lines: &[u8]) -> Box<[u8]> {
        let head = [lines, b"\r\n"].concat();
        let mut room = vec![0; Packing::room_bytes(head.len())];
        let packing = Packing::new(&mut room, 0);
        let (_, end) = read_field_lines(&head, 10, packing, &mut Default::default())
            .expect("the lines are sound");
        room[..end].into()
    }

    fn packed() -> Box<[u8]> {
        pack(
            b"Host: a\r\n\
            Connection: keep-alive , Upgrade\r\n\
            X: \xff\r\n\
            connection: close\r\n\
            Empty:\r\n",
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
            assert_eq!(fields.clone().first(Sought::new(name)), value, "{name}");
        }
    }

    #[test]
    fn text_is_utf_8() {
        let packed = packed();
        assert_eq!(Fields::new(&packed).text(Sought::new("host")), Some("a"));
        assert_eq!(Fields::new(&packed).text(Sought::new("x")), None);
    }

    #[test]
    fn a_token_is_found_in_any_line_of_a_list() {
        let packed = packed();
        for (token, is_there) in
            [("upgrade", true), ("Keep-Alive", true), ("close", true), ("keep", false), ("", false)]
        {
            let fields = Fields::new(&packed);
            assert_eq!(fields.has_token(Sought::new("connection"), token), is_there, "{token}");
        }
    }

    #[test]
    fn fields_come_back_in_order_as_sent() {
        let packed = packed();
        let names: Vec<&str> = Fields::new(&packed).iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Host", "Connection", "X", "connection", "Empty"]);
    }

    #[test]
    fn a_field_that_many_send_takes_its_value_and_two_bytes() {
        assert_eq!(pack(b"Host: a\r\n").len(), 3);
        assert_eq!(pack(b"X-Own: a\r\n").len(), 3 + 1 + 5);
    }
}
