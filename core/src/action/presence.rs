//! Presence: who is there on a channel, as an application asks for it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::channel::Rules;
use super::{Channel, Subscription};

/// Who is there on a channel: a key and a small value each.
///
/// An action makes its viewer present with [`enter`](super::Context::enter), until it ends or
/// [leaves](super::Context::leave). Connections that enter under one key (the tabs of a browser)
/// are one presence: it joins with the first and leaves with the last. One that is lost is waited
/// for during a [grace time](Channel::presence_grace), so that a reconnect is not a leave and a
/// join.
///
/// [`present`](super::Context::present) tells who is there; who subscribes is told of changes, by
/// events named `crampon.presence`. The first says who is there, so that none is missed between:
///
/// | data | meaning |
/// |---|---|
/// | `{"presence":"here","members":[{"key":"ada","value":1},..]}` | all who are there, by key |
/// | `{"presence":"join","key":"bob","value":2}` | one more is there |
/// | `{"presence":"update","key":"bob","value":3}` | its value is another |
/// | `{"presence":"leave","key":"bob"}` | it is there no more |
///
/// These events have cursors, as those of a channel with a history: a viewer who comes back is
/// told what changed meanwhile, or who is there if too much did. All hear them in the same order.
/// A list is told whole, so this is for rooms of thousands, not of millions.
///
/// ```
/// use crampon::prelude::*;
/// use crampon::trial::World;
///
/// const ROOM: Channel = Channel::new("room");
///
/// #[action(transport = websocket | sse)]
/// struct Seat;
///
/// #[callbacks]
/// impl Seat {
///     #[on_start]
///     fn sit(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
///         let name: String = cx.param("name")?;
///         cx.enter(ROOM.presence(), &name, &"listening");
///         cx.subscribe(ROOM.presence());
///         Ok(())
///     }
/// }
///
/// let world = World::new(Routes::new().at("/{name}", || Seat));
/// let mut ada = world.events("/ada");
/// let here = r#"{"presence":"here","members":[{"key":"ada","value":"listening"}]}"#;
/// ada.expect_event("crampon.presence", here);
/// let mut bob = world.events("/bob");
/// let join = r#"{"presence":"join","key":"bob","value":"listening"}"#;
/// ada.expect_event("crampon.presence", join);
/// bob.hang_up();
/// world.events("/bob"); // back within the grace time: nobody hears of it
/// ada.expect_nothing();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    pub(crate) channel: Arc<str>,
    /// `None` for the server's.
    pub(crate) grace: Option<Duration>,
}

impl Presence {
    /// The presence of a channel that is only named.
    pub fn of(channel: impl Into<Arc<str>>) -> Self {
        Self { channel: channel.into(), grace: None }
    }

    /// The name of the channel.
    pub fn channel(&self) -> &str {
        &self.channel
    }
}

impl<T: ?Sized> Channel<T> {
    /// Who is there on this channel.
    pub fn presence(&self) -> Presence {
        Presence { channel: self.name().into(), grace: self.rules().presence_grace }
    }
}

impl From<&Presence> for Subscription {
    fn from(presence: &Presence) -> Self {
        let rules = Some(Rules::PRESENCE);
        let name = presence.channel.to_string();
        Self { rules, ..Self::to(name) }
    }
}

impl From<Presence> for Subscription {
    fn from(presence: Presence) -> Self {
        Self::from(&presence)
    }
}

/// One who is there.
#[derive(Clone, PartialEq, Eq)]
pub struct Present {
    pub(crate) key: Arc<str>,
    /// JSON.
    pub(crate) value: Arc<str>,
}

impl Present {
    /// The key it entered under.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Reads the value it entered with last.
    ///
    /// # Errors
    /// The parser's, when the value is not of that shape.
    pub fn value<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.value)
    }
}

impl fmt::Debug for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Present({:?}: {})", self.key, self.value)
    }
}
