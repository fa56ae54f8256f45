//! Why a message was not delivered to a slow reader: the policies of channels, as they are counted.

/// The policy by which a channel has dropped messages for a reader that takes less than is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The oldest that wait give way.
    Oldest,
    /// The newest find no room.
    Newest,
    /// Of each key only the newest counts.
    Latest,
}

impl Dropped {
    /// All there are, in order.
    pub const ALL: [Self; 3] = [Self::Oldest, Self::Newest, Self::Latest];

    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The name of the policy in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Oldest => "drop_oldest",
            Self::Newest => "drop_newest",
            Self::Latest => "latest",
        }
    }
}
