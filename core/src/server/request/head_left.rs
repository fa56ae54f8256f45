//! How much has to be written until the head of a stream is out.

/// Bytes to be written until the head of the stream under way is out: without it nothing that
/// follows means anything.
///
/// Two bytes, for every connection has them. Past what they count, behind a long answer that nobody
/// takes, all that waits is taken for the head until all of it is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeadLeft(u16);

/// More than is counted.
const UNCOUNTED: u16 = u16::MAX;

impl HeadLeft {
    /// The head is the last of so many bytes that wait.
    pub fn of(waiting: usize) -> Self {
        Self(u16::try_from(waiting).unwrap_or(UNCOUNTED))
    }

    /// Hears that bytes were written, perhaps all.
    pub fn note_written(&mut self, bytes: usize, is_all: bool) {
        self.0 = match self.0 {
            _ if is_all => 0,
            UNCOUNTED => UNCOUNTED,
            left => left.saturating_sub(u16::try_from(bytes).unwrap_or(u16::MAX)),
        };
    }

    /// How many of the bytes that wait are not to be dropped.
    pub fn among(self, waiting: usize) -> usize {
        if self.0 == UNCOUNTED { waiting } else { usize::from(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_left_until_it_is_written_however_far_behind_it_is() {
        for (waiting, written, left) in [
            (0, 0, 0),
            (200, 0, 200),
            (200, 150, 50),
            (200, 200, 0),
            (200, 100_000, 0),
            (65_534, 65_533, 1),
            (300_000, 0, 310_000),
            (300_000, 299_999, 310_000),
        ] {
            let mut head = HeadLeft::of(waiting);
            head.note_written(written, false);
            assert_eq!(head.among(310_000), left, "{written} of {waiting}");
            head.note_written(1, true);
            assert_eq!(head.among(310_000), 0);
        }
    }
}
