//! A place: the key of something in a slab, in four bytes, and none in no more.

use std::num::NonZeroU32;

/// The key of something in a slab; a `usize` takes twice that, and four times with room for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(NonZeroU32);

const _: () = assert!(size_of::<Option<Place>>() == 4);

impl Place {
    /// The key it was made of.
    #[inline]
    pub fn key(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl From<usize> for Place {
    /// # Panics
    /// When there are more than 2^32 of something, each of which holds far more than a byte.
    #[inline]
    fn from(key: usize) -> Self {
        let number = u32::try_from(key + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("fewer than 2^32 of anything fit in memory"))
    }
}
