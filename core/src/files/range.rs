//! The part of a file that `Range` asks for (RFC 9110, section 14). Pure.

use std::ops::Range;

/// What a `Range` header selects of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    /// All of it: the header is malformed, of another unit, or asks for several ranges at once.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Nothing the file has (416).
    Unsatisfiable,
}

impl Selection {
    /// Reads a `Range` header against a file of `length` bytes.
    ///
    /// Several ranges select the whole, as section 14.2 allows: `multipart/byteranges` would let a
    /// short request ask for a long file many times over. A suffix of an empty file is the whole of
    /// it, because no `Content-Range` can name zero bytes.
    pub(super) fn of(header: &str, length: u64) -> Self {
        let Some((first, last)) = split(header) else { return Self::Whole };
        match (first, last) {
            (Some(first), Some(last)) if last < first => Self::Whole,
            (Some(first), _) if first >= length => Self::Unsatisfiable,
            (Some(first), None) => Self::Part(first..length),
            (Some(first), Some(last)) => Self::Part(first..last.saturating_add(1).min(length)),
            (None, Some(0)) => Self::Unsatisfiable,
            (None, Some(_)) if length == 0 => Self::Whole,
            (None, Some(suffix)) => Self::Part(length.saturating_sub(suffix)..length),
            (None, None) => Self::Whole,
        }
    }
}

/// Both sides of the one range in the header; a side that is left out is `None`.
fn split(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, ranges) = header.split_once('=')?;
    let (first, last) = ranges.trim_matches([' ', '\t']).split_once('-')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    Some((position(first)?, position(last)?))
}

/// A side of a range: empty, or a number; one too large for us lies behind every file's end.
fn position(digits: &str) -> Option<Option<u64>> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::Selection::{Part, Unsatisfiable, Whole};
    use super::*;

    #[test]
    fn a_range_selects_what_the_file_has_of_it() {
        for (header, length, selected) in [
            ("bytes=0-0", 10, Part(0..1)),
            ("bytes=2-5", 10, Part(2..6)),
            ("bytes=0-9", 10, Part(0..10)),
            ("bytes=5-100", 10, Part(5..10)),
            ("bytes=5-", 10, Part(5..10)),
            ("bytes=0-", 10, Part(0..10)),
            ("bytes=-3", 10, Part(7..10)),
            ("bytes=-10", 10, Part(0..10)),
            ("bytes=-11", 10, Part(0..10)),
            ("Bytes=2-5", 10, Part(2..6)),
            ("bytes= 2-5 ", 10, Part(2..6)),
            ("bytes=002-05", 10, Part(2..6)),
            ("bytes=5-99999999999999999999999", 10, Part(5..10)),
            ("bytes=5-18446744073709551615", 10, Part(5..10)),
            ("bytes=-99999999999999999999999", 10, Part(0..10)),
            ("bytes=10-", 10, Unsatisfiable),
            ("bytes=10-20", 10, Unsatisfiable),
            ("bytes=99999999999999999999999-", 10, Unsatisfiable),
            ("bytes=-0", 10, Unsatisfiable),
            ("bytes=0-", 0, Unsatisfiable),
            ("bytes=0-0", 0, Unsatisfiable),
            ("bytes=-5", 0, Whole),
        ] {
            assert_eq!(Selection::of(header, length), selected, "{header:?} of {length}");
        }
    }

    #[test]
    fn several_ranges_and_malformed_ones_select_the_whole() {
        for header in [
            "bytes=0-1,4-5",
            "bytes=0-,-1",
            "bytes=5-2",
            "bytes=-",
            "bytes=",
            "bytes",
            "",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1-+2",
            "bytes=--1",
            "bytes=1--2",
            "bytes=1 - 2",
            "bytes=0x1-2",
            "bytes=1",
            "bytes 0-1",
            "items=0-1",
            "bytes =0-1",
            "bytes=１-2",
        ] {
            assert_eq!(Selection::of(header, 10), Whole, "{header:?}");
        }
    }
}
