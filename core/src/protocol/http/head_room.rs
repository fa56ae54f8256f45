//! Where heads are read, and where those are kept that are.

use super::packing::Packing;
use super::request_head::FRONT_BYTES;

/// Room that heads are read in, one after another, and the blocks of some that are gone.
///
/// Requests of a kind have heads of a size, so that the next is kept where the last one was.
#[derive(Debug, Default)]
pub(crate) struct HeadRoom {
    room: Vec<u8>,
    spare: Vec<Box<[u8]>>,
}

impl HeadRoom {
    /// Room for what is read from so many bytes. What lies there is of no meaning.
    pub(super) fn for_input(&mut self, input_bytes: usize) -> &mut [u8] {
        let bytes = Packing::room_bytes(input_bytes);
        if self.room.len() < bytes {
            self.room.resize(bytes, 0);
        }
        &mut self.room
    }

    /// The first bytes of what was read last.
    pub(super) fn front(&mut self) -> &mut [u8; FRONT_BYTES] {
        self.room.first_chunk_mut().expect("room for any input has a front")
    }

    /// Keeps what has been packed between these places, in a block of exactly its size.
    pub(super) fn keep(&mut self, start: usize, end: usize) -> Box<[u8]> {
        let packed = &self.room[start..end];
        match self.spare.pop() {
            Some(mut block) if block.len() == packed.len() => {
                block.copy_from_slice(packed);
                block
            }
            _ => packed.into(),
        }
    }

    /// Takes the block of a head that nobody needs any more.
    pub(crate) fn reuse(&mut self, block: Box<[u8]>) {
        if self.spare.len() < SPARE_MAX && block.len() <= SPARE_BYTES_MAX {
            self.spare.push(block);
        }
    }
}

/// Blocks that are kept: as many polls may be answered at once, and asked again.
const SPARE_MAX: usize = 256;

/// Bytes of a block that is kept: the head of a browser, with a cookie or two.
const SPARE_BYTES_MAX: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_kept_where_one_of_its_size_was() {
        let mut heads = HeadRoom::default();
        heads.for_input(10)[..4].copy_from_slice(b"head");
        let first = heads.keep(1, 4);
        let block = first.as_ptr();
        let other = heads.keep(0, 4);
        assert_eq!(*other, *b"head");
        heads.reuse(first);
        let second = heads.keep(0, 3);
        assert_eq!((&*second, second.as_ptr()), (&b"hea"[..], block));
        assert_eq!(*heads.keep(0, 3), *b"hea", "the block is given away once");
    }
}
