//! A gap: something was said that this viewer has not heard and will not hear.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Event;

/// What is known of a hole in what a viewer hears.
///
/// The viewer is told by an event `crampon.gap`, its data this as JSON; an action with `#[on_gap]`
/// can then say where things stand, and what follows is all that came after.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// Why there is one.
    pub reason: GapReason,
    /// The cursor the viewer came with, if it came with one.
    pub after: Option<Box<str>>,
    /// How many messages were dropped; 0 where that cannot be known.
    pub dropped: u64,
}

/// Why there is a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GapReason {
    /// What followed the cursor is no longer kept.
    Expired,
    /// The cursor is of another log: that of a server before, or elsewhere.
    Epoch,
    /// The cursor is none.
    Malformed,
    /// The viewer read too slowly, and its channel drops what waits too long.
    Dropped,
}

impl Gap {
    pub(crate) fn resuming(reason: GapReason, after: &str) -> Self {
        // A cursor is short; what is longer is not worth sending back.
        let after = (after.len() <= AFTER_BYTES_MAX).then(|| after.into());
        Self { reason, after, dropped: 0 }
    }

    pub(crate) fn new(reason: GapReason) -> Self {
        Self { reason, after: None, dropped: 0 }
    }

    pub(crate) fn dropped(dropped: u64) -> Self {
        Self { reason: GapReason::Dropped, after: None, dropped }
    }

    /// The event that tells of it.
    pub(crate) fn event(&self) -> Event<'_> {
        Event::json(self).named(GAP)
    }
}

impl GapReason {
    /// The word for it in the event.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Epoch => "epoch",
            Self::Malformed => "malformed",
            Self::Dropped => "dropped",
        }
    }
}

impl Serialize for Gap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut gap = serializer.serialize_struct("Gap", 3)?;
        gap.serialize_field("reason", self.reason.name())?;
        if let Some(after) = &self.after {
            gap.serialize_field("after", &**after)?;
        }
        if self.dropped > 0 {
            gap.serialize_field("dropped", &self.dropped)?;
        }
        gap.end()
    }
}

/// The name of the event that tells of a gap.
pub(crate) const GAP: &str = "crampon.gap";

/// Bytes of a client's cursor that are repeated to it: more than any cursor has.
const AFTER_BYTES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_says_what_is_known() {
        let said = |gap: &Gap| serde_json::to_string(gap).expect("a gap is JSON");
        let expired = Gap::resuming(GapReason::Expired, "k-7");
        assert_eq!(said(&expired), r#"{"reason":"expired","after":"k-7"}"#);
        assert_eq!(said(&Gap::dropped(3)), r#"{"reason":"dropped","dropped":3}"#);
        let long = Gap::resuming(GapReason::Malformed, &"x".repeat(1000));
        assert_eq!(said(&long), r#"{"reason":"malformed"}"#);
    }
}
