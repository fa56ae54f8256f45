//! The bytes that end a text, and where the first of them is: bytes looked at several at a time.

/// The bytes that end a text: all below a bound of ASCII, and one more of ASCII.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    below: u8,
    other: u8,
}

/// Bytes of a word, which any machine has registers for.
pub(super) const WORD_BYTES: usize = size_of::<u64>();
/// Bytes of a chunk, which most machines have registers for.
pub(super) const CHUNK_BYTES: usize = 16;

impl Ends {
    /// The control bytes, which end a line or have no place in one. Tabs are among them.
    pub const CONTROL: Self = Self { below: b' ', other: DELETE };
    /// The same and spaces, which end a word.
    pub const BLANK: Self = Self { below: b' ' + 1, other: DELETE };
    /// What ends the name of a field, or has no place in it.
    pub const COLON: Self = Self { below: b' ' + 1, other: b':' };

    /// Splits the input before the first of them, or at its end.
    #[inline]
    pub fn split(self, input: &[u8]) -> (&[u8], &[u8]) {
        let mut rest = input;
        while let Some(word) = rest.first_chunk() {
            let passed = self.before(word);
            rest = &rest[passed..];
            if passed < WORD_BYTES {
                return input.split_at(input.len() - rest.len());
            }
        }
        input.split_at(input.len() - rest.len() + self.before_in_tail(rest))
    }

    /// How many bytes of a word stand before the first of them.
    #[inline]
    pub fn before(self, word: &[u8; WORD_BYTES]) -> usize {
        let word = u64::from_le_bytes(*word);
        let below = word.wrapping_sub(ONES * u64::from(self.below));
        let other = (word ^ (ONES * u64::from(self.other))).wrapping_sub(ONES);
        // A borrow may mark more above a byte that is sought, so only the lowest mark counts. Bytes
        // beyond ASCII have their highest bit in all three, and none of them is sought.
        let marks = (below | other) & !word & HIGH_BITS;
        (marks.trailing_zeros() / u8::BITS) as usize
    }

    /// The same, where there may be too few for a word.
    #[inline]
    pub fn before_in_tail(self, tail: &[u8]) -> usize {
        tail.iter().position(|&byte| self.has(byte)).unwrap_or(tail.len())
    }

    /// Whether none of them is in a chunk. Without a branch, so that a compiler makes a few
    /// instructions of it.
    #[inline]
    pub fn are_not_in(self, chunk: &[u8; CHUNK_BYTES]) -> bool {
        chunk.iter().fold(true, |none, &byte| none & !self.has(byte))
    }

    #[inline]
    fn has(self, byte: u8) -> bool {
        (byte < self.below) | (byte == self.other)
    }
}

const ONES: u64 = u64::MAX / 0xff;
const HIGH_BITS: u64 = ONES << 7;
const DELETE: u8 = 0x7f;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_is() {
        for at in 0..30 {
            let input = format!("{}: b", "a".repeat(at));
            for from in 0..=at {
                let (before, rest) = Ends::COLON.split(&input.as_bytes()[from..]);
                assert_eq!((before.len(), rest), (at - from, &b": b"[..]));
                let (before, rest) = Ends::COLON.split(&input.as_bytes()[from..at]);
                assert_eq!((before.len(), rest), (at - from, &b""[..]), "there is none");
            }
        }
    }

    #[test]
    fn each_is_what_it_says() {
        for byte in 0..=u8::MAX {
            let is_control = byte.is_ascii_control();
            assert_eq!(Ends::CONTROL.has(byte), is_control, "{byte}");
            assert_eq!(Ends::BLANK.has(byte), is_control || byte == b' ', "{byte}");
            assert_eq!(Ends::COLON.has(byte), byte <= b' ' || byte == b':', "{byte}");
        }
    }

    proptest! {
        #[test]
        fn bytes_together_are_as_they_are_alone(
            bytes in prop::array::uniform16(prop_oneof![
                1 => any::<u8>(),
                1 => 0x1e_u8..0x23,
                1 => 0x38_u8..0x3d,
                1 => 0x7d_u8..0x82,
                12 => b'a'..=b'z',
            ]),
        ) {
            for ends in [Ends::CONTROL, Ends::BLANK, Ends::COLON] {
                let first = bytes.iter().position(|&byte| ends.has(byte)).unwrap_or(CHUNK_BYTES);
                prop_assert_eq!(ends.split(&bytes), bytes.split_at(first));
                prop_assert_eq!(ends.are_not_in(&bytes), first == CHUNK_BYTES);
                let (word, _) = bytes.split_first_chunk().expect("a chunk begins with a word");
                prop_assert_eq!(ends.before(word), first.min(WORD_BYTES));
            }
        }
    }
}
