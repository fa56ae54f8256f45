//! What a context does with channels.

use super::super::effect::Effect;
use super::super::{Action, Callbacks, Context, Subscription, Topic};

impl<A: Callbacks> Context<A> {
    /// Publishes on a channel, by its name or its [`Channel`](crate::action::Channel); delivered at
    /// the end of this tick, after what is rendered in it, in the same order to all who had
    /// subscribed by now.
    ///
    /// What cannot be published fails the callback: a value that is no JSON, an event longer than
    /// [`event_bytes_max`](crate::Limits::event_bytes_max), an id of one's own where it is the
    /// channel's cursor.
    pub fn publish<V>(&mut self, channel: impl Topic<V>, said: V) {
        let bytes_max = self.desk.surroundings.event_bytes_max;
        match channel.say(said).and_then(|publishing| publishing.within(bytes_max)) {
            Ok(publishing) => self.desk.record(Effect::Publish(publishing)),
            Err(error) => self.desk.blame(error.to_string()),
        }
    }

    /// Subscribes to a channel, by its name or its [`Channel`](crate::action::Channel): what is
    /// published on it from now on comes to `#[on_message]`, or without one straight to the viewer.
    /// Before the action has started it hears nothing yet.
    ///
    /// If the channel keeps a history, a viewer who comes back with a cursor hears first what it
    /// missed, and a newcomer what [`replay`](Subscription::replay) says. The cursor of the
    /// request counts for what is subscribed to together, as the action starts; who joins a channel
    /// later joins it as a newcomer.
    pub fn subscribe(&mut self, channel: impl Into<Subscription>) {
        self.desk.record(Effect::Subscribe(channel.into()));
    }

    /// Ends a subscription. None there is no error.
    pub fn unsubscribe(&mut self, channel: impl Into<Subscription>) {
        self.desk.record(Effect::Unsubscribe(channel.into()));
    }
}

impl<A: Action> Context<A> {
    /// Bytes that wait because the client takes them more slowly than they are said; 0 for one who
    /// keeps up. [`#[on_drain]`](crate::on_drain) hears when it has.
    pub fn backlog(&self) -> usize {
        self.desk.backlog() as usize
    }

    /// How many messages the client never hears because it reads too slowly for channels that
    /// [drop](crate::action::Overflow) what waits too long.
    pub fn drops(&self) -> u64 {
        u64::from(self.desk.drops())
    }
}
