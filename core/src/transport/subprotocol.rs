//! A subprotocol as a wire keeps it: which, and not by what name.

use super::ENVELOPE;

/// The WebSocket subprotocol that was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subprotocol {
    /// [`ENVELOPE`], which every action speaks.
    Envelope,
    /// The action's own: its place among those it declares.
    Declared(u16),
}

impl Subprotocol {
    /// The one of this name, of an action that declares these.
    pub fn of(name: &str, declared: &[&str]) -> Option<Self> {
        if name == ENVELOPE {
            return Some(Self::Envelope);
        }
        let place = declared.iter().position(|ours| *ours == name)?;
        u16::try_from(place).ok().map(Self::Declared)
    }

    /// Its name, for the action it was agreed for.
    pub fn name(self, declared: &[&'static str]) -> &'static str {
        match self {
            Self::Envelope => ENVELOPE,
            Self::Declared(place) => declared[usize::from(place)],
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
        assert_eq!(Subprotocol::of(ENVELOPE, &[]), Some(Subprotocol::Envelope));
        assert_eq!(Subprotocol::of("chat.v3", &declared), None);
    }
}
