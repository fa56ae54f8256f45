//! The wall clock: what `Date` says. It may be set forth and back, and nothing else depends on it.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdate::HttpDate;

use crate::action::DATE_LEN;

/// A time as an HTTP date (RFC 9110, section 5.6.7); one that no date can say is the nearest.
pub(super) fn http_date(time: SystemTime) -> [u8; DATE_LEN] {
    let latest = UNIX_EPOCH + Duration::from_secs(LATEST_SECONDS);
    let mut date = [0; DATE_LEN];
    write!(&mut date[..], "{}", HttpDate::from(time.clamp(UNIX_EPOCH, latest)))
        .expect("an HTTP date has 29 characters");
    date
}

/// The last second of the year 9999, after which a year has five digits.
const LATEST_SECONDS: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_clock_is_set_to_there_is_a_date() {
        let of = |time| String::from_utf8(http_date(time).to_vec()).expect("a date is ASCII");
        let after = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        for (time, date) in [
            (UNIX_EPOCH - Duration::from_secs(1 << 40), "Thu, 01 Jan 1970 00:00:00 GMT"),
            (UNIX_EPOCH, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (after(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT"),
            (after(LATEST_SECONDS), "Fri, 31 Dec 9999 23:59:59 GMT"),
            (after(1 << 40), "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(of(time), date);
        }
    }
}
