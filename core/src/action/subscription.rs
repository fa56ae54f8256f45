//! A subscription as an action asks for it: to which channel, and what of its past.

use std::borrow::Cow;

use super::Channel;
use super::channel::Rules;

/// A wish to hear a channel: from its name, or from a [`Channel`].
#[derive(Clone, Debug)]
#[must_use = "a subscription does nothing before `cx.subscribe`"]
pub struct Subscription {
    pub(crate) name: Cow<'static, str>,
    /// `None` when the channel is only named.
    pub(crate) rules: Option<Rules>,
    pub(crate) replay: Replay,
}

/// What a newcomer without a cursor gets of a channel's past. One who comes back with a cursor
/// gets what it missed, whatever this says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replay {
    /// Nothing: only what comes.
    #[default]
    None,
    /// The last so many events.
    Last(usize),
    /// All that is kept.
    All,
    /// The last event of each [key](crate::action::Event::key).
    LatestPerKey,
}

impl Subscription {
    /// A subscription to a channel by its name.
    pub fn to(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), rules: None, replay: Replay::None }
    }

    /// Says what a newcomer gets of the past.
    pub fn replay(self, replay: Replay) -> Self {
        Self { replay, ..self }
    }
}

impl From<&str> for Subscription {
    fn from(name: &str) -> Self {
        Self::to(name.to_owned())
    }
}

impl From<&String> for Subscription {
    fn from(name: &String) -> Self {
        Self::to(name.clone())
    }
}

impl From<String> for Subscription {
    fn from(name: String) -> Self {
        Self::to(name)
    }
}

impl<T: ?Sized> From<&Channel<T>> for Subscription {
    fn from(channel: &Channel<T>) -> Self {
        let rules = Some(channel.rules());
        Self { rules, ..Self::to(channel.name().to_owned()) }
    }
}

impl<T: ?Sized> From<Channel<T>> for Subscription {
    fn from(channel: Channel<T>) -> Self {
        Self::from(&channel)
    }
}
