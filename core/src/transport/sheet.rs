//! A sheet: what is rendered is written on one, lent for as long as there is something on it.

use std::ops::{Deref, DerefMut};

/// A growing buffer, or the place for one, in eight bytes: most connections have nothing to say at
/// any time, and a `Vec` takes three times that with nothing in it.
#[derive(Debug, Default)]
#[expect(clippy::box_collection, reason = "the place is what has to be small")]
pub(crate) struct Sheet(Option<Box<Vec<u8>>>);

const _: () = assert!(size_of::<Sheet>() == 8, "every idle connection has places for two");

/// What is on no sheet.
static NOTHING: Vec<u8> = Vec::new();

impl Sheet {
    /// A blank one with room for so many bytes.
    pub fn blank(bytes: usize) -> Self {
        Self(Some(Box::new(Vec::with_capacity(bytes))))
    }

    /// What is on it.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.map_or_else(Vec::new, |bytes| *bytes)
    }

    /// Wipes what is on it.
    #[inline]
    pub fn clear(&mut self) {
        if let Some(bytes) = &mut self.0 {
            bytes.clear();
        }
    }

    /// Whether there is one, blank or not.
    #[inline]
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

impl Deref for Sheet {
    type Target = Vec<u8>;

    #[inline]
    fn deref(&self) -> &Vec<u8> {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Sheet {
    /// What is written where no sheet was lent gets its own.
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        self.0.get_or_insert_default()
    }
}
