//! UTF-8 of text messages, whole or piece by piece; wrong bytes are found when they arrive.
//!
//! The verdict is that of [`std::str::from_utf8`] over the joined pieces, with the work done once.
//! The SIMD validator serves all lengths: it leaves short text to the standard library by itself,
//! and to look for ASCII first costs what it gains.

use super::Fault;

/// Takes `bytes` as text.
///
/// # Errors
/// [`Fault::Utf8`] if they are not, or end inside a character.
#[inline]
pub(super) fn whole(bytes: &[u8]) -> Result<&str, Fault> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| fault_in(bytes))
}

/// What is wrong, and where: who only asks whether something is gets the answer sooner.
#[cold]
fn fault_in(bytes: &[u8]) -> Fault {
    let at = simdutf8::compat::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    Fault::Utf8 { at }
}

/// The longest character, in bytes (RFC 3629, section 3).
const CHARACTER_BYTES_MAX: usize = 4;

/// Validates text that arrives in pieces cut anywhere.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pieces {
    /// Bytes of whole characters so far.
    valid: usize,
    /// The character that the last piece ended in.
    begun: [u8; CHARACTER_BYTES_MAX],
    begun_bytes: u8,
}

/// What one piece adds to the text.
pub(super) struct Added<'p> {
    /// The character begun in an earlier piece and completed by this one.
    pub character: Option<char>,
    /// The whole characters after it.
    pub text: &'p str,
}

impl Pieces {
    /// Takes the next piece; the bytes of a character it ends in are kept until the next.
    ///
    /// # Errors
    /// [`Fault::Utf8`] if no further bytes could make the text right.
    pub fn add<'p>(&mut self, mut piece: &'p [u8]) -> Result<Added<'p>, Fault> {
        let character = self.complete(&mut piece)?;
        let (text, begun) = piece.split_at(begun_at(piece));
        let text = whole(text).map_err(|fault| self.further_on(fault))?;
        self.valid += text.len();
        if !begun.is_empty() {
            self.begin(begun)?;
        }
        Ok(Added { character, text })
    }

    /// Keeps the character that a piece ended in.
    fn begin(&mut self, begun: &[u8]) -> Result<(), Fault> {
        self.begun[..begun.len()].copy_from_slice(begun);
        self.begun_bytes = begun.len() as u8;
        self.character().map(|_| ())
    }

    /// Takes bytes off the front of `piece` until the character begun before is whole.
    fn complete(&mut self, piece: &mut &[u8]) -> Result<Option<char>, Fault> {
        while self.begun_bytes > 0
            && let Some((&byte, rest)) = piece.split_first()
        {
            *piece = rest;
            self.begun[usize::from(self.begun_bytes)] = byte;
            self.begun_bytes += 1;
            if let Some(character) = self.character()? {
                self.valid += character.len_utf8();
                self.begun_bytes = 0;
                return Ok(Some(character));
            }
        }
        Ok(None)
    }

    /// The character begun, once it is whole.
    fn character(&self) -> Result<Option<char>, Fault> {
        match std::str::from_utf8(&self.begun[..usize::from(self.begun_bytes)]) {
            Ok(text) => Ok(text.chars().next()),
            Err(error) if error.error_len().is_none() => Ok(None),
            Err(_) => Err(self.fault()),
        }
    }

    /// Ends the text.
    ///
    /// # Errors
    /// [`Fault::Utf8`] if it ends inside a character.
    pub fn end(&self) -> Result<(), Fault> {
        if self.begun_bytes == 0 { Ok(()) } else { Err(self.fault()) }
    }

    fn fault(&self) -> Fault {
        Fault::Utf8 { at: self.valid }
    }

    /// The fault of a piece, counted from where the text began.
    fn further_on(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Utf8 { at } => Fault::Utf8 { at: self.valid + at },
            other => other,
        }
    }
}

/// Where the character begins that `bytes` end inside of; their length if they end with one.
fn begun_at(bytes: &[u8]) -> usize {
    for back in 1..CHARACTER_BYTES_MAX.min(bytes.len() + 1) {
        let at = bytes.len() - back;
        let character_bytes = match bytes[at] {
            0x80..=0xbf => continue,
            0x00..=0x7f => 1,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
        };
        return if character_bytes > back { at } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds `bytes` in pieces of the sizes given, in turn, and joins what comes out.
    fn join(bytes: &[u8], sizes: &[usize]) -> Result<String, Fault> {
        let mut pieces = Pieces::default();
        let mut joined = String::new();
        let mut rest = bytes;
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            let added = pieces.add(piece)?;
            joined.extend(added.character);
            joined.push_str(added.text);
            rest = after;
        }
        pieces.end().map(|()| joined)
    }

    /// The number of bytes after which nothing can make `bytes` right any more.
    fn first_bad_byte(bytes: &[u8]) -> Option<usize> {
        (1..=bytes.len()).find(|&end| {
            std::str::from_utf8(&bytes[..end]).is_err_and(|error| error.error_len().is_some())
        })
    }

    fn refused_after(bytes: &[u8]) -> Option<usize> {
        let mut pieces = Pieces::default();
        bytes.iter().position(|byte| pieces.add(&[*byte]).is_err()).map(|at| at + 1)
    }

    #[test]
    fn wrong_bytes_are_refused_when_they_arrive() {
        for bytes in [
            &b"ab\xff"[..],
            b"\x80",
            b"\xc0\xaf",         // too long a form of `/`
            b"\xe0\x80\xaf",     // the same in three bytes
            b"\xed\xa0\x80",     // half of a surrogate pair
            b"\xf4\x90\x80\x80", // above U+10FFFF
            b"\xf5\x80\x80\x80",
            b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
            b"\xe2\x82z",
        ] {
            assert!(first_bad_byte(bytes).is_some(), "{bytes:?}");
            assert_eq!(refused_after(bytes), first_bad_byte(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn text_that_ends_inside_a_character_is_refused_at_its_end() {
        assert_eq!(join(b"a\xe2\x82", &[1]), Err(Fault::Utf8 { at: 1 }));
    }

    fn almost_text() -> impl Strategy<Value = Vec<u8>> {
        let spoil = proptest::option::of((any::<proptest::sample::Index>(), any::<u8>()));
        ("\\PC{0,200}", spoil).prop_map(|(text, spoil)| {
            let mut bytes = text.into_bytes();
            if let (Some((at, byte)), false) = (spoil, bytes.is_empty()) {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        })
    }

    proptest! {
        #[test]
        fn pieces_are_judged_as_the_standard_library_judges_the_whole(
            bytes in almost_text(),
            sizes in proptest::collection::vec(1..40_usize, 1..8),
        ) {
            let verdict = std::str::from_utf8(&bytes)
                .map(str::to_owned)
                .map_err(|error| Fault::Utf8 { at: error.valid_up_to() });
            prop_assert_eq!(&whole(&bytes).map(str::to_owned), &verdict);
            prop_assert_eq!(&join(&bytes, &sizes), &verdict);
        }

        #[test]
        fn no_wrong_byte_waits_for_the_next(bytes in almost_text()) {
            prop_assert_eq!(refused_after(&bytes), first_bad_byte(&bytes));
        }
    }
}
