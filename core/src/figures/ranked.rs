//! A ranked list: a few entries found by their names, those in most demand first.

use std::cell::RefCell;

/// Entries by names that are written in the program, so there are only so many. One that is found
/// moves a place forward, and so those that are asked for most are found at once.
#[derive(Debug)]
pub(super) struct Ranked<T>(RefCell<Vec<T>>);

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Ranked<T> {
    /// Changes an entry, which is made if there is none yet.
    pub fn change(
        &self,
        is_it: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
        change: impl FnOnce(&mut T),
    ) {
        let mut entries = self.0.borrow_mut();
        if let Some(first) = entries.first_mut().filter(|first| is_it(first)) {
            return change(first);
        }
        let found = entries.iter().position(is_it);
        let at = found.unwrap_or_else(|| {
            entries.push(make());
            entries.len() - 1
        });
        change(&mut entries[at]);
        if at > 0 {
            entries.swap(at, at - 1);
        }
    }

    /// All entries, as they stand.
    pub fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }
}

/// Whether two names are one: the same text, which is nearly always at the same place.
pub(super) fn is_same(a: &'static str, b: &'static str) -> bool {
    std::ptr::eq(a, b) || a == b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_most_is_found_first() {
        let ranked = Ranked::default();
        for name in ["a", "b", "c", "c", "c"] {
            ranked.change(|(it, _)| *it == name, || (name, 0), |(_, count)| *count += 1);
        }
        assert_eq!(ranked.all(), [("c", 3), ("b", 1), ("a", 1)]);
    }
}
