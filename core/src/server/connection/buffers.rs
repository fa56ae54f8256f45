//! Buffers for what is rendered, lent to sessions and taken back when their bytes are written.

use crate::transport::Sheet;

/// A stack of empty buffers: the one used last, and still warm, is lent first.
pub(crate) struct Buffers {
    spare: Vec<Sheet>,
}

impl Buffers {
    pub fn new() -> Self {
        Self { spare: Vec::with_capacity(SPARE_MAX) }
    }

    pub fn take(&mut self) -> Sheet {
        self.spare.pop().unwrap_or_else(|| Sheet::blank(FRESH_BYTES))
    }

    /// Takes a buffer back, if one was lent.
    #[inline]
    pub fn give(&mut self, buffer: Sheet) {
        if buffer.is_there() {
            self.keep(buffer);
        }
    }

    #[inline]
    fn keep(&mut self, mut buffer: Sheet) {
        if buffer.capacity() == 0 || buffer.capacity() > KEPT_BYTES_MAX {
            return;
        }
        if self.spare.len() < SPARE_MAX {
            buffer.clear();
            self.spare.push(buffer);
        }
    }
}

/// Buffers kept: as many connections may hold rendered bytes at once before they are flushed.
pub(crate) const SPARE_MAX: usize = 256;

/// Bytes of a fresh buffer: a head and a small answer, or a few dozen small messages.
const FRESH_BYTES: usize = 1024;

/// Bytes of a buffer that is kept: 16 echoes of 16 KiB; 256 buffers of it are 64 MiB at the worst.
const KEPT_BYTES_MAX: usize = 272 * 1024;
