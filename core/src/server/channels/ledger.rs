//! The ledger: how many bytes are held for viewers, by whoever holds them.
//!
//! What is held counts itself as it comes and goes, so the sum is always right and costs nothing
//! to ask for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

/// The bytes of all channels, publications, shared encodings, places in line, outboxes and contexts
/// of compression of one server.
///
/// One number for many holders. It is atomic because [`Bytes`] may go anywhere; it stays here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<AtomicUsize>);

impl Ledger {
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    pub fn subtract(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Enters so many bytes, until what is returned is dropped.
    pub fn hold(&self, bytes: usize) -> Held {
        self.add(bytes);
        Held { bytes, ledger: self.clone() }
    }

    /// Bytes to be shared, counted once for as long as anybody holds them.
    pub fn share(&self, bytes: Vec<u8>) -> Bytes {
        self.add(bytes.capacity());
        Bytes::from_owner(Counted { bytes, ledger: self.clone() })
    }
}

/// A number of bytes in the ledger, for what is kept elsewhere.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: usize,
    ledger: Ledger,
}

impl Held {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// There are more or fewer now.
    pub fn set(&mut self, bytes: usize) {
        self.ledger.add(bytes);
        self.ledger.subtract(std::mem::replace(&mut self.bytes, bytes));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.ledger.subtract(self.bytes);
    }
}

/// Bytes that are in the ledger.
struct Counted {
    bytes: Vec<u8>,
    ledger: Ledger,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ledger.subtract(self.bytes.capacity());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_share_counts_once_and_until_the_last_lets_go() {
        let ledger = Ledger::default();
        let first = ledger.share(vec![7; 100]);
        let second = first.slice(10..20);
        assert_eq!(ledger.bytes(), 100);
        drop(first);
        assert_eq!(ledger.bytes(), 100, "a part holds the whole");
        drop(second);
        assert_eq!(ledger.bytes(), 0);
    }
}
