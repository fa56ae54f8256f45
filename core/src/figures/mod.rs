//! What a server counts of itself while it works, for those who run it.
//!
//! Noting is one addition to a cell: no lock, no allocation, no text. Nothing here knows who notes
//! or who reads.

mod calls;
mod counter;
mod dropped;
mod gauges;
mod ranked;
mod refused;
mod sessions;

pub(crate) use calls::{Calls, Timed};
pub(crate) use counter::Counter;
pub(crate) use dropped::Dropped;
pub use gauges::Gauges;
pub(crate) use gauges::{Histogram, Measured};
pub(crate) use refused::Refused;
pub(crate) use sessions::Sessions;

use std::cell::Cell;

/// The figures of one server, shared by all its parts.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Connections accepted.
    pub accepted: Counter,
    /// Connections that were found waiting to be accepted, the last time any were.
    pub accept_queue: Cell<usize>,
    /// As many as were ever found waiting at once.
    pub accept_queue_longest: Cell<usize>,
    /// Bytes that arrived.
    pub bytes_in: Counter,
    /// Bytes the system has taken.
    pub bytes_out: Counter,
    /// Messages and bodies handed to actions.
    pub messages_in: Counter,
    /// What actions rendered, and what was rendered for one of them alone.
    pub rendered: Counter,
    /// Messages published.
    pub published: Counter,
    /// Messages of channels said to one subscriber each, in words of its own.
    pub said_alone: Counter,
    /// Those that went out to one each as one encoding shared by all, with no render.
    pub shared: Counter,
    /// The sessions of actions.
    pub sessions: Sessions,
    /// How long callbacks took.
    pub calls: Calls,
    refused: [Counter; Refused::COUNT],
    refused_in_all: Counter,
    dropped: [Counter; Dropped::COUNT],
    /// Answers by the first digit of their status.
    answered: [Counter; 6],
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

    /// Notes how many connections were found waiting to be accepted.
    pub fn found_waiting(&self, connections: usize) {
        self.accept_queue.set(connections);
        self.accept_queue_longest.set(self.accept_queue_longest.get().max(connections));
    }

    /// Messages of channels said to one subscriber each, in either way.
    pub fn delivered(&self) -> u64 {
        self.said_alone.count() + self.shared.count()
    }

    /// Counts one refusal.
    pub fn refused(&self, why: Refused) {
        self.refused[why as usize].add(1);
        self.refused_in_all.add(1);
    }

    /// How often it was refused for this reason.
    pub fn refusals(&self, why: Refused) -> u64 {
        self.refused[why as usize].count()
    }

    /// Counts messages that were dropped for a slow reader.
    pub fn dropped(&self, by: Dropped, count: u64) {
        self.dropped[by as usize].add(count);
    }

    /// How many were dropped by this policy.
    pub fn drops(&self, by: Dropped) -> u64 {
        self.dropped[by as usize].count()
    }

    /// Counts an answer.
    pub fn answered(&self, status: u16) {
        self.answered[usize::from(status / 100).min(5)].add(1);
    }

    /// How many answers had a status of this class, 1 to 5.
    pub fn answers(&self, class: usize) -> u64 {
        self.answered[class].count()
    }

    /// How often it was refused for any reason.
    pub fn refusals_in_all(&self) -> u64 {
        self.refused_in_all.count()
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
        figures.dropped(Dropped::Newest, 3);
        assert_eq!(Dropped::ALL.map(|by| figures.drops(by)), [0, 3, 0]);
    }

    #[test]
    fn answers_are_counted_by_the_class_of_their_status() {
        let figures = Figures::default();
        for status in [101, 200, 204, 304, 404, 499, 503] {
            figures.answered(status);
        }
        assert_eq!([1, 2, 3, 4, 5].map(|class| figures.answers(class)), [1, 2, 1, 2, 1]);
    }
}
