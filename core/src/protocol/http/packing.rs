//! Parts of a head put behind each other as they are read, into room that is lent.
//!
//! A part is some bytes behind their length, which takes one byte, and four more from 255 on. Knows
//! no field and no line.

use super::ends::{CHUNK_BYTES, Ends, WORD_BYTES};

/// What has been packed so far.
pub(super) struct Packing<'r> {
    room: &'r mut [u8],
    end: usize,
}

/// A part that is being packed.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    start: usize,
}

/// From here on a length takes four bytes more.
const LONG: u8 = u8::MAX;
/// Bytes of a long length, behind the one that says so.
const LONG_BYTES: usize = size_of::<u32>();

impl<'r> Packing<'r> {
    /// Bytes of room for what is read from so many: what stands between parts is longer than their
    /// lengths, but for those of long ones. Some are for a head's front and the last word.
    pub const fn room_bytes(input_bytes: usize) -> usize {
        input_bytes + input_bytes / 16 + 64
    }

    /// Begins in this room, behind so many bytes of it.
    pub fn new(room: &'r mut [u8], end: usize) -> Self {
        Self { room, end }
    }

    /// Where it ends so far.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Packs one byte that stands for itself.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        self.room[self.end] = byte;
        self.end += 1;
    }

    /// Packs a part.
    #[inline]
    pub fn part(&mut self, part: &[u8]) {
        let begun = self.begin();
        self.room[self.end..][..part.len()].copy_from_slice(part);
        self.end += part.len();
        self.finish(begun, part.len());
    }

    /// Begins a part whose length will be known when it ends.
    #[inline]
    pub fn begin(&mut self) -> Begun {
        self.end += 1;
        Begun { start: self.end }
    }

    /// Goes on with a part that the input begins with, up to what ends it, and returns what is left
    /// from there on.
    #[inline(always)]
    pub fn copy_up_to<'i>(&mut self, ends: Ends, input: &'i [u8]) -> &'i [u8] {
        let mut rest = input;
        let mut room = &mut self.room[self.end..];
        while let Some(word) = rest.first_chunk() {
            *room.first_chunk_mut().expect("there is room for a word") = *word;
            let passed = ends.before(word);
            (rest, room) = (&rest[passed..], &mut room[passed..]);
            if passed < WORD_BYTES {
                self.end += input.len() - rest.len();
                return rest;
            }
            while let Some(chunk) = rest.first_chunk::<CHUNK_BYTES>()
                && ends.are_not_in(chunk)
            {
                *room.first_chunk_mut().expect("there is room for a chunk") = *chunk;
                (rest, room) = (&rest[CHUNK_BYTES..], &mut room[CHUNK_BYTES..]);
            }
        }
        let (last, rest) = rest.split_at(ends.before_in_tail(rest));
        room[..last.len()].copy_from_slice(last);
        self.end += input.len() - rest.len();
        rest
    }

    /// Ends a part after so many of its bytes.
    #[inline]
    pub fn finish(&mut self, Begun { start }: Begun, len: usize) {
        self.end = start + len;
        match u8::try_from(len) {
            Ok(short) if short < LONG => self.room[start - 1] = short,
            _ => self.end += make_way_for_length(&mut self.room[start - 1..], len),
        }
    }
}

/// Puts a long length before its part, in room that begins where a short one would be; returns how
/// many bytes it takes besides.
#[cold]
fn make_way_for_length(room: &mut [u8], len: usize) -> usize {
    let long = u32::try_from(len).expect("a head's window is shorter than 4 GiB");
    room.copy_within(1..=len, 1 + LONG_BYTES);
    room[0] = LONG;
    room[1..=LONG_BYTES].copy_from_slice(&long.to_ne_bytes());
    LONG_BYTES
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_any_length_come_back() {
        for len in [0, 1, 7, 8, 9, 254, 255, 256, 70_000] {
            let text = "v".repeat(len);
            let input = format!("  {text} \r\n");
            let mut room = vec![b'?'; Packing::room_bytes(input.len() + text.len())];
            let mut packing = Packing::new(&mut room, 3);
            packing.push(7);
            packing.part(text.as_bytes());
            let begun = packing.begin();
            let rest = packing.copy_up_to(Ends::BLANK, &input.as_bytes()[2..]);
            assert_eq!(rest, b" \r\n");
            packing.finish(begun, len);
            packing.part(b"last");
            let end = packing.end();
            assert_eq!((&room[..3], room[3]), (&b"???"[..], 7));
            let mut rest = &room[4..end];
            for expected in [&text, &text, "last"] {
                let (part, after) = split_part(rest).expect("a part was packed");
                assert_eq!(part, expected.as_bytes(), "{len}");
                rest = after;
            }
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn what_is_cut_is_no_part() {
        for cut in
            [&b""[..], b"\x01", b"\x02a", b"\xff", b"\xff\x01\x00\x00", b"\xff\xff\xff\xff\xffa"]
        {
            assert_eq!(split_part(cut), None, "{}", cut.escape_ascii());
        }
    }
}
