//! `Date`: when an answer was made (RFC 9110, section 6.6.1).
//!
//! Knows how a time is written, and no clock: whoever has one hands the time in, once a second.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdate::HttpDate;

/// A time as the header line that says it, ready to be written into every head of its second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date([u8; LINE_BYTES]);

impl Date {
    /// The line of a time; one that no date can say is the nearest.
    pub fn at(time: SystemTime) -> Self {
        let latest = UNIX_EPOCH + Duration::from_secs(LATEST_SECONDS);
        let mut line = [0; LINE_BYTES];
        write!(&mut line[..], "date: {}\r\n", HttpDate::from(time.clamp(UNIX_EPOCH, latest)))
            .expect("an HTTP date has 29 characters");
        Self(line)
    }

    /// The whole line.
    pub(super) fn line(&self) -> &[u8] {
        &self.0
    }
}

/// Bytes of `date: Sun, 06 Nov 1994 08:49:37 GMT` and the end of the line.
const LINE_BYTES: usize = 37;

/// The last second of the year 9999, after which a year has five digits.
const LATEST_SECONDS: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_clock_is_set_to_there_is_a_date() {
        let after = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        for (time, date) in [
            (UNIX_EPOCH - Duration::from_secs(1 << 40), "Thu, 01 Jan 1970 00:00:00 GMT"),
            (UNIX_EPOCH, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (after(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT"),
            (after(LATEST_SECONDS), "Fri, 31 Dec 9999 23:59:59 GMT"),
            (after(1 << 40), "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(Date::at(time).line(), format!("date: {date}\r\n").as_bytes());
        }
    }
}
