//! What a context does with presence.

use std::borrow::Borrow;

use serde::Serialize;

use super::super::desk::Stage;
use super::super::effect::Effect;
use super::super::roll::Entry;
use super::super::{Callbacks, Context, Presence, Present};

impl<A: Callbacks> Context<A> {
    /// Makes this connection present on a channel under `key`, with a value that is told as JSON,
    /// until the action ends or [leaves](Self::leave).
    ///
    /// To enter again with another value is an update; under another key it is to leave the old
    /// one at once and join. Of several connections under one key the last to enter says the value.
    /// It holds from when the callback has returned, so an action that ends in it was never there.
    ///
    /// A value that is no JSON, or is longer with its key than
    /// [`presence_bytes_max`](crate::Limits::presence_bytes_max), fails the callback; and so does
    /// entering before the action has started.
    pub fn enter(&mut self, presence: impl Borrow<Presence>, key: &str, value: &impl Serialize) {
        if !matches!(self.desk.stage, Stage::Running | Stage::Finished(_)) {
            let fault = "`enter` before the action has started; enter in `on_start`";
            return self.desk.blame(fault);
        }
        let value = match serde_json::to_string(value) {
            Ok(value) => value,
            Err(error) => return self.desk.blame(format!("a presence is no JSON: {error}")),
        };
        let surroundings = &self.desk.surroundings;
        let (bytes, bytes_max) = (key.len() + value.len(), surroundings.presence_bytes_max);
        if bytes > bytes_max {
            let fault = format!("a presence has {bytes} bytes; it can have {bytes_max} at most");
            return self.desk.blame(fault);
        }
        let Presence { channel, grace } = presence.borrow();
        let grace = grace.unwrap_or(surroundings.presence_grace);
        let entry = Entry { channel: channel.clone(), key: key.into(), value: value.into(), grace };
        self.desk.record(Effect::Enter(entry));
    }

    /// Makes this connection present no more, and without a grace time: who says that it leaves
    /// will not be back in a moment. Other connections under its key stay present.
    pub fn leave(&mut self, presence: impl Borrow<Presence>) {
        let channel = presence.borrow().channel.clone();
        self.desk.record(Effect::Leave { channel });
    }

    /// Who is present on a channel as this callback begins, by key; those who were lost and may be
    /// back in a moment are there.
    pub fn present(&self, presence: impl Borrow<Presence>) -> Vec<Present> {
        self.desk.surroundings.roll.borrow().present(presence.borrow().channel())
    }
}
