//! How much head a peer may send.

/// The most headers any setting of [`HeadLimits::headers_max`] can admit.
const HEADERS_CEILING: usize = 256;

/// Bounds on a head, held against it while it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of a whole head, empty lines before it included; past it, 431.
    ///
    /// 64 KiB: some forty full cookies of 1.6 KB; browsers and proxies end far below.
    pub head_bytes_max: usize,
    /// Header lines of a head; past it, 431. Settings over 256 count as 256.
    ///
    /// 100: a browser sends fifteen, a chain of proxies adds a dozen.
    pub headers_max: usize,
    /// Bytes of a request's target; past it, 414.
    ///
    /// 8 KiB: RFC 9112, section 3, asks for 8,000 at the least.
    pub target_bytes_max: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self { head_bytes_max: 64 * 1024, headers_max: 100, target_bytes_max: 8 * 1024 }
    }
}

impl HeadLimits {
    /// The part of the input that a head may lie in: lengths in it fit 32 bits.
    pub(super) fn window<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        &input[..input.len().min(self.window_bytes_max())]
    }

    /// Whether no more of a head may come after this much.
    pub(super) fn is_full(&self, window: &[u8]) -> bool {
        window.len() == self.window_bytes_max()
    }

    /// Header lines that are read.
    pub(super) fn lines_max(&self) -> usize {
        self.headers_max.min(HEADERS_CEILING)
    }

    fn window_bytes_max(&self) -> usize {
        self.head_bytes_max.min(u32::MAX as usize)
    }
}
