//! A flow: how much has come through since when, which tells one that drips from one that stops.

use std::time::Duration;

use crate::server::time::moment::Moment;

/// The bytes of one stretch of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    /// When the stretch began.
    pub since: Moment,
    bytes: usize,
}

impl Flow {
    /// A stretch that begins now.
    pub fn new(now: Moment) -> Self {
        Self { since: now, bytes: 0 }
    }

    /// Counts bytes that came through.
    pub fn add(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Whether in a stretch of this length it is less than so many bytes a second.
    pub fn is_drip(&self, rate_min: usize, stretch: Duration) -> bool {
        (self.bytes as u128) * 1000 < rate_min as u128 * stretch.as_millis()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_flow_is_held_against_its_rate_to_the_byte() {
        let now = Instant::now();
        for (bytes, millis, is_drip) in
            [(7200, 30_000, false), (7199, 30_000, true), (0, 30_000, true), (120, 500, false)]
        {
            let mut flow = Flow::new(Moment::new(now, now));
            flow.add(bytes);
            assert_eq!(flow.is_drip(240, Duration::from_millis(millis)), is_drip, "{bytes}");
            assert!(!flow.is_drip(0, Duration::from_millis(millis)), "no rate, no drip");
        }
    }
}
