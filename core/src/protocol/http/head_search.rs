//! How far a growing input was looked at, so that a slow sender costs no more than a fast one.
//!
//! A try at a head reads all of it, and so is worth its price while the input is short, when the
//! head may have ended, when a byte came that none has, or when the input has doubled since the
//! last try: together O(n), and garbage is still refused long before the limit.

/// Where the search for a head's end stands. Nothing, while a connection is idle.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadSearch {
    tried: u32,
    searched: u32,
}

const _: () = assert!(size_of::<HeadSearch>() == 8);

/// Bytes of an input so short that it is tried each time it grows.
///
/// 256: a request line and a host. Trying them costs less than the read that brought a byte more.
const SHORT_BYTES: usize = 256;
/// Empty lines that a head may have before it: some clients leave one after a body.
pub(super) const EMPTY_LINES_MAX: usize = 4;

impl HeadSearch {
    /// Whether the window, grown since the last call, is worth another try.
    pub(super) fn is_worth_a_try(&mut self, window: &[u8], is_full: bool) -> bool {
        let fresh = self.searched as usize..window.len();
        self.searched = length(window);
        let is_worth = window.len() <= SHORT_BYTES
            || length(window) / 2 >= self.tried
            || is_full
            || fresh.into_iter().any(|at| tells_something(window, at));
        if is_worth {
            self.tried = length(window);
        }
        is_worth
    }
}

fn length(window: &[u8]) -> u32 {
    u32::try_from(window.len()).expect("a head's window is shorter than 4 GiB")
}

/// Whether the byte ends a head, or has no place in one.
fn tells_something(window: &[u8], at: usize) -> bool {
    match window[at] {
        b'\n' => {
            let line = &window[..at];
            line.ends_with(b"\r\n\r") || !line.ends_with(b"\r")
        }
        b'\t' | b'\r' => false,
        byte => byte.is_ascii_control(),
    }
}

/// The bytes of the empty lines before a head, as far as they are put up with.
pub(super) fn empty_lines_bytes(window: &[u8]) -> usize {
    let mut skipped = 0;
    while skipped < EMPTY_LINES_MAX * 2 && window[skipped..].starts_with(b"\r\n") {
        skipped += 2;
    }
    skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_head_sent_byte_by_byte_is_tried_a_handful_of_times() {
        let head = [&b"GET / HTTP/1.1\r\nCookie: "[..], &[b'a'; 8192], b"\r\n\r\n"].concat();
        let mut search = HeadSearch::default();
        let tries = (1..=head.len())
            .filter(|&end| search.is_worth_a_try(&head[..end], false))
            .filter(|&end| end > SHORT_BYTES)
            .count();
        assert!(tries <= 6, "{tries} tries");
    }

    #[test]
    fn the_end_of_a_head_and_illegal_bytes_are_worth_a_try() {
        let line = format!("Cookie: {}", "a".repeat(SHORT_BYTES));
        for (before, then, is_worth) in [
            ("\r\n", "\r\n", true),
            ("\r\n\r", "\n", true),
            ("", "\n", true),
            ("", "\0", true),
            ("", "\x7f", true),
            ("", "\r\n", false),
            ("", "\tb", false),
        ] {
            let before = [&line, before].concat();
            let grown = [&before, then].concat();
            let mut search = HeadSearch::default();
            assert!(search.is_worth_a_try(before.as_bytes(), false), "the first look is");
            assert_eq!(search.is_worth_a_try(grown.as_bytes(), false), is_worth, "{then:?}");
        }
    }
}
