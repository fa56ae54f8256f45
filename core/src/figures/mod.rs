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
    is_draining: Cell<bool>,
}

impl Figures {
    /// Counts one refusal.
    pub fn refused(&self, why: Refused) {
        let count = &self.refused[why as usize];
        count.set(count.get() + 1);
    }

    /// Notes that the server drains: it is ready for nobody new from now on.
    pub fn begin_draining(&self) {
        self.is_draining.set(true);
    }

    /// Whether the server drains.
    pub fn is_draining(&self) -> bool {
        self.is_draining.get()
    }

    /// How often it was refused for this reason.
    pub fn refusals(&self, why: Refused) -> u64 {
        self.refused[why as usize].get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
