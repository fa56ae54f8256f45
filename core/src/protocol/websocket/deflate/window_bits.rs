//! How far back a DEFLATE stream may point (RFC 7692, section 7.1.2).

use std::fmt;
use std::num::NonZeroU8;

/// The size of an LZ77 window, as the number of bits that count its bytes: 9 to 15.
///
/// The RFC has 8 too, 256 bytes. No version of zlib compresses with so small a window, so who asks
/// for it is declined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(NonZeroU8);

impl WindowBits {
    /// The smallest, 512 bytes.
    pub const MIN: Self = Self(NonZeroU8::new(9).expect("9 is not 0"));
    /// The largest, 32 KiB, which is what counts where nothing is said.
    pub const MAX: Self = Self(NonZeroU8::new(15).expect("15 is not 0"));
    /// How many sizes there are.
    pub const COUNT: usize = (Self::MAX.0.get() - Self::MIN.0.get()) as usize + 1;

    /// `None` for what is not among 9 to 15.
    pub fn new(bits: u8) -> Option<Self> {
        let bits = NonZeroU8::new(bits).map(Self)?;
        (Self::MIN..=Self::MAX).contains(&bits).then_some(bits)
    }

    /// The number of bits.
    pub const fn get(self) -> u8 {
        self.0.get()
    }

    /// The bytes of the window.
    pub const fn bytes(self) -> usize {
        1 << self.get()
    }

    /// Its place among all sizes, from 0 for the smallest.
    pub fn index(self) -> usize {
        usize::from(self.get() - Self::MIN.get())
    }
}

impl Default for WindowBits {
    fn default() -> Self {
        Self::MAX
    }
}

impl fmt::Debug for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_9_to_15_bits() {
        let sizes: Vec<WindowBits> = (0..=u8::MAX).filter_map(WindowBits::new).collect();
        assert_eq!(sizes.len(), WindowBits::COUNT);
        assert_eq!((sizes[0], sizes[6]), (WindowBits::MIN, WindowBits::MAX));
        assert_eq!((sizes[0].bytes(), sizes[6].bytes()), (512, 32_768));
        assert!(sizes.iter().enumerate().all(|(index, bits)| bits.index() == index));
    }
}
