//! What a message may point back to: the end of those before it (RFC 7692, section 7.1.1).

use super::WindowBits;

/// The last bytes of a side's messages, as many as its window holds.
///
/// This is all that has to be kept of one message to inflate the next, so that one inflater
/// serves many connections. It grows with what has really been said, up to the window.
#[derive(Debug)]
pub struct Past {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Past {
    /// Nothing has been said yet.
    pub fn new(window_bits: WindowBits) -> Self {
        Self { bytes: Vec::new(), bytes_max: window_bits.bytes() }
    }

    /// What can be pointed to.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of heap it takes.
    pub fn bytes_held(&self) -> usize {
        self.bytes.capacity()
    }

    /// Adds what has been said since, and lets go of what the window does not hold any more.
    pub fn extend(&mut self, said: &[u8]) {
        let said = &said[said.len().saturating_sub(self.bytes_max)..];
        let bytes = self.bytes.len() + said.len();
        self.bytes.drain(..bytes.saturating_sub(self.bytes_max));
        if self.bytes.capacity() < bytes.min(self.bytes_max) {
            // The window is a power of two itself: no more than it is ever allocated.
            let capacity = bytes.next_power_of_two().min(self.bytes_max);
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_the_end_of_all_that_was_said() {
        for lengths in [&[1_usize, 2, 3][..], &[511, 1, 1], &[512, 0, 700], &[9000], &[300; 9]] {
            let mut past = Past::new(WindowBits::MIN);
            let mut all = Vec::new();
            for (at, length) in lengths.iter().enumerate() {
                let said: Vec<u8> = (0..*length).map(|byte| (byte * 7 + at) as u8).collect();
                past.extend(&said);
                all.extend(said);
                assert_eq!(past.bytes(), &all[all.len().saturating_sub(512)..], "{lengths:?}");
                assert!(past.bytes.capacity() <= 512, "{lengths:?}");
            }
        }
    }
}
