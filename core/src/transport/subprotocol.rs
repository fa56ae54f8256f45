//! A subprotocol as a wire keeps it: which, and not by what name.

use std::num::NonZeroU16;

use super::ENVELOPE;

/// The WebSocket subprotocol that was agreed on: [`ENVELOPE`], or the action's own by its place
/// among those it declares, behind that one and counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subprotocol(NonZeroU16);

const _: () = assert!(size_of::<Option<Subprotocol>>() == 2, "every idle connection has one");

impl Subprotocol {
    /// [`ENVELOPE`], which every action speaks.
    pub const ENVELOPE: Self = Self(NonZeroU16::MIN);

    /// The one of this name, of an action that declares these.
    pub fn of(name: &str, declared: &[&str]) -> Option<Self> {
        if name == ENVELOPE {
            return Some(Self::ENVELOPE);
        }
        let place = declared.iter().position(|ours| *ours == name)?;
        let behind = u16::try_from(place + 1).ok()?;
        Self::ENVELOPE.0.checked_add(behind).map(Self)
    }

    /// Its name, for the action it was agreed for.
    pub fn name(self, declared: &[&'static str]) -> &'static str {
        match usize::from(self.0.get() - Self::ENVELOPE.0.get()) {
            0 => ENVELOPE,
            place => declared[place - 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subprotocol_has_the_name_it_was_found_by() {
        let declared = ["chat.v2", ENVELOPE, "chat.v1"];
        for name in declared {
            let agreed = Subprotocol::of(name, &declared).expect("it is declared");
            assert_eq!(agreed.name(&declared), name);
        }
        assert_eq!(Subprotocol::of(ENVELOPE, &[]), Some(Subprotocol::ENVELOPE));
        assert_eq!(Subprotocol::of("chat.v3", &declared), None);
    }
}
