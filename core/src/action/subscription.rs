//! A subscription as an action asks for it: to which channel, and what of its past.

use std::borrow::Cow;
use std::fmt;

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
    /// The cursor it goes on from, if not the request's.
    pub(crate) after: Option<Box<str>>,
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
        Self { name: name.into(), rules: None, replay: Replay::None, after: None }
    }

    /// Says what a newcomer gets of the past.
    pub fn replay(self, replay: Replay) -> Self {
        Self { replay, ..self }
    }

    /// Goes on after a cursor the application has kept: in a page, a database, a parameter of its
    /// own. It goes before the cursor of the request, and counts whenever it is subscribed; an
    /// empty one is none.
    ///
    /// It is what a viewer could send: an event's [`id`](crate::action::Message::id). What follows
    /// it and is no longer kept is told as a [gap](super::Gap), and so is a cursor that is none.
    pub fn after(self, cursor: impl fmt::Display) -> Self {
        let cursor = Some(cursor.to_string()).filter(|cursor| !cursor.is_empty());
        Self { after: cursor.map(Into::into), ..self }
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
