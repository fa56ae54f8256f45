//! What a server counts of itself while it works, for those who run it.
//!
//! Noting is one addition to a cell: no lock, no allocation, no text. Nothing here knows who notes
//! or who reads.

mod refused;

pub(crate) use refused::Refused;

use std::cell::Cell;

/// The figures of one server, shared by all its parts.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    refused: [Cell<u64>; Refused::COUNT],
    refused_in_all: Cell<u64>,
    is_draining: Cell<bool>,
}

impl Figures {
    /// Notes that the server is about to end: it is not ready for more.
    pub fn begin_draining(&self) {
        self.is_draining.set(true);
    }

    /// Whether the server is about to end.
    pub fn is_draining(&self) -> bool {
        self.is_draining.get()
    }

    /// Counts one refusal.
    pub fn refused(&self, why: Refused) {
        let count = &self.refused[why as usize];
        count.set(count.get() + 1);
        self.refused_in_all.set(self.refused_in_all.get() + 1);
    }

    /// How often it was refused for this reason.
    pub fn refusals(&self, why: Refused) -> u64 {
        self.refused[why as usize].get()
    }

    /// How often it was refused for any reason.
    pub fn refusals_in_all(&self) -> u64 {
        self.refused_in_all.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_ready_until_it_begins_to_drain() {
        let figures = Figures::default();
        assert!(!figures.is_draining());
        figures.begin_draining();
        assert!(figures.is_draining());
    }

    #[test]
    fn each_reason_is_counted_by_itself() {
        let figures = Figures::default();
        figures.refused(Refused::BadRequest);
        figures.refused(Refused::BadRequest);
        figures.refused(Refused::MessageTooLong);
        for why in Refused::ALL {
            let count = match why {
                Refused::BadRequest => 2,
                Refused::MessageTooLong => 1,
                _ => 0,
            };
            assert_eq!(figures.refusals(why), count, "{why:?}");
        }
        assert_eq!(figures.refusals_in_all(), 3);
    }
}
