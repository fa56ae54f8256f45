//! A channel as an application declares it: a name, what is said on it, and how it is kept.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;

use super::{Event, Message, Replay, Subscription};
use crate::transport::RenderError;

/// A declared channel: its name, the type of what is said on it, how much of it is kept and what
/// becomes of a slow reader.
///
/// It is a constant of the application; the server opens the channel when it is first used. A
/// value is serialised as JSON, once, however many hear it. Without a type it takes any event.
///
/// ```
/// use crampon::prelude::*;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Price { symbol: String, cents: u64 }
///
/// const PRICES: Channel<Price> = Channel::new("prices").latest_by(|price| &price.symbol);
/// const ROOM: Channel = Channel::new("room").history(200).event("said");
/// const LOG: Channel = Channel::new("log").history_bytes(1 << 20).overflow(Overflow::DropOldest);
///
/// let kitchen = ROOM.at("kitchen"); // a room of its own, by the same rules
/// assert_eq!(kitchen.name(), "room:kitchen");
/// ```
pub struct Channel<T: ?Sized + 'static = Anything> {
    name: Cow<'static, str>,
    rules: Rules,
    event: Option<&'static str>,
    key: Option<fn(&T) -> &str>,
    says: PhantomData<fn(&T)>,
}

/// What an untyped [`Channel`] says: any [`Event`], text or bytes.
#[derive(Debug)]
pub enum Anything {}

/// How a channel is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Events of its past that are kept at most.
    pub events_max: Option<usize>,
    /// Bytes of its past that are kept at most.
    pub bytes_max: Option<usize>,
    /// How long an event is kept at most.
    pub age_max: Option<Duration>,
    pub overflow: Overflow,
    pub is_numbered: bool,
    /// How long the channel is kept when nobody uses it.
    pub forgotten_after: Option<Duration>,
    /// How long one who was present and is lost may take to come back.
    pub presence_grace: Option<Duration>,
    /// It tells who is present on the channel of its name.
    pub is_presence: bool,
}

impl Rules {
    /// Those of a channel that is only a name.
    pub const NONE: Self = Self {
        events_max: None,
        bytes_max: None,
        age_max: None,
        overflow: Overflow::Close,
        is_numbered: false,
        forgotten_after: None,
        presence_grace: None,
        is_presence: false,
    };

    /// Those of the presence of a channel: changes are kept for polls, and who comes back soon.
    pub const PRESENCE: Self =
        Self { events_max: Some(PRESENCE_CHANGES_KEPT), is_presence: true, ..Self::NONE };

    /// Whether its events are kept for those who come back, and so have cursors.
    pub fn keeps_history(&self) -> bool {
        self.events_max.is_some() || self.bytes_max.is_some() || self.age_max.is_some()
    }
}

/// What becomes of a subscriber who reads more slowly than a channel speaks, once what waits for
/// it passes [`outbox_bytes_max`](crate::Limits::outbox_bytes_max).
///
/// Each message dropped is counted ([`Context::drops`](super::Context::drops)), and told as a
/// [`Gap`](super::Gap) where events have cursors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// It is closed, and told why: it comes back and resumes from its cursor.
    #[default]
    Close,
    /// The oldest that waits gives way to the newest.
    DropOldest,
    /// What waits stays; the newest is dropped.
    DropNewest,
    /// As soon as anything waits, only the newest message of each key does: the one it supersedes
    /// leaves, and the new one goes to the end. For prices, positions, anything that is a state.
    /// When memory is short, its history too keeps only those, which is no gap.
    Latest,
}

impl<T: ?Sized> Channel<T> {
    /// A channel of this name that keeps nothing and closes slow readers.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            rules: Rules::NONE,
            event: None,
            key: None,
            says: PhantomData,
        }
    }

    /// Keeps the last so many events: who comes back with a cursor hears what it missed.
    ///
    /// Of this, [`history_for`](Self::history_for) and [`history_bytes`](Self::history_bytes),
    /// each one that is set holds.
    #[must_use]
    pub const fn history(mut self, events: usize) -> Self {
        self.rules.events_max = Some(events);
        self
    }

    /// Keeps events for so long.
    #[must_use]
    pub const fn history_for(mut self, age: Duration) -> Self {
        self.rules.age_max = Some(age);
        self
    }

    /// Keeps the last so many bytes of events.
    #[must_use]
    pub const fn history_bytes(mut self, bytes: usize) -> Self {
        self.rules.bytes_max = Some(bytes);
        self
    }

    /// Names its events: what `addEventListener` listens for. An event's own name goes before.
    #[must_use]
    pub const fn event(mut self, name: &'static str) -> Self {
        self.event = Some(name);
        self
    }

    /// Says what becomes of slow readers; by default they are closed.
    #[must_use]
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        self.rules.overflow = overflow;
        self
    }

    /// Gives each value a key, for [`Replay::LatestPerKey`] and [`Overflow::Latest`].
    #[must_use]
    pub const fn keyed_by(mut self, key: fn(&T) -> &str) -> Self {
        self.key = Some(key);
        self
    }

    /// Keeps only the newest value of each key for a slow reader: [`keyed_by`](Self::keyed_by)
    /// and [`Overflow::Latest`] together.
    #[must_use]
    pub const fn latest_by(self, key: fn(&T) -> &str) -> Self {
        self.keyed_by(key).overflow(Overflow::Latest)
    }

    /// Takes the publisher's own numbers for cursors: each event has a decimal
    /// [`id`](Event::id) greater than the last, as rows of a table do.
    ///
    /// A plain number is then a cursor. An action that subscribes to such a channel subscribes to
    /// no other that keeps a history, nor to a [presence](Self::presence): their cursors could not
    /// be told apart.
    #[must_use]
    pub const fn numbered(mut self) -> Self {
        self.rules.is_numbered = true;
        self
    }

    /// How long the channel is kept when nobody subscribes or publishes, instead of
    /// [`channel_idle_timeout`](crate::Limits::channel_idle_timeout). Cursors from before it was
    /// forgotten are told so.
    #[must_use]
    pub const fn forgotten_after(mut self, idle: Duration) -> Self {
        self.rules.forgotten_after = Some(idle);
        self
    }

    /// How long one who was [present](Self::presence) and whose connection is lost may take to come
    /// back without a leave and a join, instead of
    /// [`presence_grace`](crate::Limits::presence_grace). Zero does not wait.
    #[must_use]
    pub const fn presence_grace(mut self, grace: Duration) -> Self {
        self.rules.presence_grace = Some(grace);
        self
    }

    /// The member of this channel for `key`: a channel of its own by the same rules, named
    /// `name:key`.
    #[must_use]
    pub fn at(&self, key: impl fmt::Display) -> Self {
        Self { name: Cow::Owned(format!("{}:{key}", self.name)), ..self.clone() }
    }

    /// A subscription that says what a newcomer without a cursor gets of the past; without this
    /// it gets nothing of it.
    pub fn replay(&self, replay: Replay) -> Subscription {
        Subscription::from(self).replay(replay)
    }

    /// A subscription that goes on [after](Subscription::after) a cursor the application has kept.
    pub fn after(&self, cursor: impl fmt::Display) -> Subscription {
        Subscription::from(self).after(cursor)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn rules(&self) -> Rules {
        self.rules
    }

    /// Whether it says values, and not any event.
    pub(crate) fn is_typed(&self) -> bool {
        TypeId::of::<T>() != TypeId::of::<Anything>()
    }

    /// Whether each value has a key.
    pub(crate) fn has_keys(&self) -> bool {
        self.key.is_some()
    }

    /// The channel of this name by the same rules, to say any event on.
    pub(crate) fn untyped(&self, name: &str) -> Channel {
        Channel {
            name: Cow::Owned(name.to_owned()),
            rules: self.rules,
            event: self.event,
            key: None,
            says: PhantomData,
        }
    }

    /// Whether `name` is this channel's, or a member's of it.
    pub(crate) fn covers(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&*self.name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// What the channel makes of an event said on it.
    pub(crate) fn publishing(&self, event: Event<'_>) -> Result<Publishing, RenderError> {
        let name = event.name.or(self.event.map(Cow::Borrowed));
        let message = Message::published(&self.name, Event { name, ..event })?;
        if self.rules.is_numbered {
            let id = message.id().unwrap_or_default();
            if id.parse::<u64>().is_err() {
                return Err(RenderError::NotNumbered { id: id.to_owned() });
            }
        } else if self.rules.keeps_history() && message.id().is_some() {
            return Err(RenderError::OwnId);
        }
        Ok(Publishing { message, rules: Some(self.rules) })
    }
}

impl<T: ?Sized> Clone for Channel<T> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), ..*self }
    }
}

impl<T: ?Sized> fmt::Debug for Channel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("name", &self.name)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// Changes of a channel's presence that are kept for who comes back; one who has missed more is
/// told who is there.
///
/// 100: a few seconds of a busy room, and no longer to read than its list.
const PRESENCE_CHANGES_KEPT: usize = 100;

/// Something a `V` can be published on: the name of a channel, or a [`Channel`] of that type.
pub trait Topic<V> {
    /// Makes what is published of what is said.
    ///
    /// # Errors
    /// When it is nothing that could be told to anyone.
    #[doc(hidden)]
    fn say(&self, said: V) -> Result<Publishing, RenderError>;
}

/// Something on its way to the subscribers of a channel.
#[derive(Debug)]
pub struct Publishing {
    pub(crate) message: Message,
    /// `None` when the channel was only named.
    pub(crate) rules: Option<Rules>,
}

impl Publishing {
    /// Refuses what is too long.
    pub(crate) fn within(self, bytes_max: usize) -> Result<Self, RenderError> {
        match self.message.bytes().len() {
            bytes if bytes > bytes_max => Err(RenderError::TooLong { bytes, bytes_max }),
            _ => Ok(self),
        }
    }
}

impl<'e, V: Into<Event<'e>>> Topic<V> for &str {
    fn say(&self, said: V) -> Result<Publishing, RenderError> {
        Ok(Publishing { message: Message::published(self, said.into())?, rules: None })
    }
}

impl<'e, V: Into<Event<'e>>> Topic<V> for &String {
    fn say(&self, said: V) -> Result<Publishing, RenderError> {
        self.as_str().say(said)
    }
}

impl<'e, V: Into<Event<'e>>> Topic<V> for Channel<Anything> {
    fn say(&self, said: V) -> Result<Publishing, RenderError> {
        self.publishing(said.into())
    }
}

impl<T: Serialize + ?Sized> Topic<&T> for Channel<T> {
    fn say(&self, said: &T) -> Result<Publishing, RenderError> {
        let key = self.key.map(|key| Cow::Borrowed(key(said)));
        self.publishing(Event { key, ..Event::json(&said) })
    }
}

impl<T: ?Sized, V> Topic<V> for &Channel<T>
where
    Channel<T>: Topic<V>,
{
    fn say(&self, said: V) -> Result<Publishing, RenderError> {
        (**self).say(said)
    }
}
