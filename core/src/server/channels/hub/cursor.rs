//! Cursors: how far a viewer has heard the log, as text it keeps for us.
//!
//! To clients a cursor is opaque. To us it is the name of the log and an offset in it; on a
//! numbered channel it is the publisher's number.

use std::fmt;

/// The name of a log: cursors of another log mean something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(Box<str>);

/// What a viewer's cursor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursor<'a> {
    /// All up to this offset of the log so named has been heard, and gaps up to another told. Who
    /// is present was told as of `roll`, if that is not where what has been heard leads to.
    Offset { epoch: &'a str, offset: u64, told_through: u64, roll: Option<u64> },
    /// All up to this number of its channel has been heard.
    Number(u64),
}

impl Epoch {
    /// A name no other log is likely to have.
    pub fn new(mut chance: u64) -> Self {
        let mut name = String::with_capacity(EPOCH_CHARS);
        for _ in 0..EPOCH_CHARS {
            name.push(char::from(DIGITS[(chance % DIGITS.len() as u64) as usize]));
            chance /= DIGITS.len() as u64;
        }
        Self(name.into())
    }

    /// The cursor of one who has heard everything up to `offset`.
    pub fn cursor(&self, offset: u64) -> Box<str> {
        format!("{}-{offset}", self.0).into()
    }

    /// The cursor of one who has heard everything up to `offset`, and was told of every gap up to
    /// an offset beyond: a poll that is answered with a gap alone is not to be told it for ever.
    /// Nor is one that is answered with who is present alone, as of `roll`; 0 has still to be.
    pub fn cursor_of_poll(&self, offset: u64, told_through: u64, roll: Option<u64>) -> Box<str> {
        match roll {
            Some(roll) => format!("{}-{offset}.{told_through}.{roll}", self.0).into(),
            None if told_through > offset => format!("{}-{offset}.{told_through}", self.0).into(),
            None => self.cursor(offset),
        }
    }

    /// Whether this is the name.
    pub fn is(&self, name: &str) -> bool {
        *self.0 == *name
    }
}

impl<'a> Cursor<'a> {
    /// Reads a cursor as it was spelled by us; `None` if it was not.
    pub fn read(text: &'a str) -> Option<Self> {
        match text.rsplit_once('-') {
            Some((epoch, offset)) => {
                let is_name = !epoch.is_empty()
                    && epoch.len() <= EPOCH_CHARS
                    && epoch.bytes().all(|byte| DIGITS.contains(&byte));
                let (offset, told) = offset.split_once('.').unwrap_or((offset, "0"));
                let (told, roll) =
                    told.split_once('.').map_or((told, None), |(told, roll)| (told, Some(roll)));
                let roll = roll.map_or(Some(None), |roll| number(roll).map(Some))?;
                let (offset, told_through) = (number(offset)?, number(told)?);
                is_name.then_some(Self::Offset { epoch, offset, told_through, roll })
            }
            None => number(text).map(Self::Number),
        }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads digits and nothing but digits.
fn number(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

/// Characters of a log's name: 41 bits of chance, so that of a million restarts no two meet.
const EPOCH_CHARS: usize = 8;

/// What names are spelled in: they pass through headers, queries and file names unchanged.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_spelled() {
        for chance in [0, 1, 35, u64::MAX] {
            let epoch = Epoch::new(chance);
            for (offset, told, roll) in [
                (0, 0, None),
                (7, 9, None),
                (8, 0, None),
                (u64::MAX, 0, None),
                (0, u64::MAX, Some(0)),
                (7, 0, Some(u64::MAX)),
            ] {
                let text = epoch.cursor_of_poll(offset, told, roll);
                let name = epoch.to_string();
                let cursor = Cursor::Offset { epoch: &name, offset, told_through: told, roll };
                assert_eq!(Cursor::read(&text), Some(cursor));
            }
        }
    }

    #[test]
    fn a_plain_number_is_a_cursor_of_a_numbered_channel() {
        assert_eq!(Cursor::read("0"), Some(Cursor::Number(0)));
        assert_eq!(Cursor::read("00712"), Some(Cursor::Number(712)));
    }

    #[test]
    fn what_is_no_cursor_is_not_read() {
        for text in [
            "",
            "-",
            "-1",
            "abc",
            "abc-",
            "abc-x",
            "abc-+1",
            "abc--1",
            "ABC-1",
            "abcdefghi-1",
            "+1",
            " 1",
            "1 ",
            "é-1",
            "abc-1.",
            "abc-.1",
            "abc-1.x",
            "abc-1.2.",
            "abc-1..3",
            "abc-1.2.x",
            "abc-1.2.3.4",
            "1.2",
            "abc-18446744073709551616",
            "18446744073709551616",
            "abc-1-2",
        ] {
            assert_eq!(Cursor::read(text), None, "{text:?}");
        }
    }
}
