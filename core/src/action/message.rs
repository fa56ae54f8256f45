//! A message: what was published on a channel, or what arrived, kept.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::Data;
use crate::protocol::sse::check_fields;
use crate::transport::{Event, Id, Payload, RenderError};

/// Text or bytes somebody said, with the channel, name and id it was published under.
///
/// The payload is shared: a clone copies no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub(crate) channel: Option<Arc<str>>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) id: Option<Box<str>>,
    pub(crate) key: Option<Box<str>>,
    pub(crate) retry: Option<Duration>,
    pub(crate) payload: Bytes,
    pub(crate) is_text: bool,
    pub(crate) is_json: bool,
    /// The id is the cursor of one who has heard it.
    pub(crate) has_cursor: bool,
}

impl Message {
    /// A text message of no channel.
    pub fn text(text: &str) -> Self {
        Self::new(Bytes::copy_from_slice(text.as_bytes()), true)
    }

    /// A binary message of no channel.
    pub fn binary(bytes: &[u8]) -> Self {
        Self::new(Bytes::copy_from_slice(bytes), false)
    }

    /// Keeps an event, its value serialised, as a message of a channel.
    ///
    /// # Errors
    /// What would keep it from being rendered is said to who publishes, not to those who hear.
    pub(crate) fn published(channel: &str, event: Event<'_>) -> Result<Self, RenderError> {
        let id = event.id.map(|id| id.to_string());
        check_fields(id.as_deref(), event.name.as_deref())?;
        let (payload, is_text) = match event.payload {
            Payload::Text(Cow::Owned(text)) => (Bytes::from(text), true),
            Payload::Text(Cow::Borrowed(text)) => (Bytes::copy_from_slice(text.as_bytes()), true),
            Payload::Binary(Cow::Owned(bytes)) => (Bytes::from(bytes), false),
            Payload::Binary(Cow::Borrowed(bytes)) => (Bytes::copy_from_slice(bytes), false),
            Payload::Json(value) => {
                let mut out = Vec::new();
                value.write(&mut out)?;
                (Bytes::from(out), true)
            }
            Payload::Comment(_) | Payload::Nothing => return Err(RenderError::SaysNothing),
        };
        Ok(Self {
            channel: Some(channel.into()),
            name: event.name.map(|name| name.into()),
            id: id.map(Into::into),
            key: event.key.map(|key| key.into()),
            retry: event.retry,
            payload,
            is_text,
            is_json: event.is_json,
            has_cursor: false,
        })
    }

    /// The event as it is told to a viewer, cursor and all.
    pub(crate) fn event(&self) -> Event<'_> {
        let said = match self.as_text() {
            Some(text) => Event::from(text),
            None => Event::from(self.bytes()),
        };
        let (name, id) = (self.name().map(Cow::Borrowed), self.id().map(Id::from));
        Event { name, id, retry: self.retry, is_json: self.is_json, ..said }
    }

    fn new(payload: Bytes, is_text: bool) -> Self {
        Self {
            channel: None,
            name: None,
            id: None,
            key: None,
            retry: None,
            payload,
            is_text,
            is_json: false,
            has_cursor: false,
        }
    }

    /// The channel it was published on; `None` for what arrived from a viewer.
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// The name of the event, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The id of the event, if it has one: on a channel that keeps a history, the cursor after it.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The key of the event, if it has one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The text, or `None` if the message is binary.
    pub fn as_text(&self) -> Option<&str> {
        if !self.is_text {
            return None;
        }
        Some(std::str::from_utf8(&self.payload).expect("text is made of `str` only"))
    }

    /// The bytes, whatever the kind.
    pub fn bytes(&self) -> &[u8] {
        &self.payload
    }

    /// Reads the payload as JSON.
    ///
    /// # Errors
    /// The parser's, when the payload is not JSON of that shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.payload)
    }
}

impl<'a> From<Data<'a>> for Event<'a> {
    fn from(data: Data<'a>) -> Self {
        match data {
            Data::Text(text) => text.into(),
            Data::Binary(bytes) | Data::Body(bytes) => bytes.into(),
        }
    }
}

impl<'a> From<&'a Message> for Event<'a> {
    /// What it says, with its name and its id; an id that is a cursor comes by itself.
    fn from(message: &'a Message) -> Self {
        let event = message.event();
        Self { id: event.id.filter(|_| !message.has_cursor), ..event }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_kept_as_a_message_renders_as_it_was() {
        let event = Event::json(&7).named("n").id(3).retry(Duration::from_secs(2));
        let message = Message::published("numbers", event).expect("7 is JSON");
        let again = Event::from(&message);
        assert_eq!(message.channel(), Some("numbers"));
        assert_eq!(again.name.as_deref(), Some("n"));
        assert_eq!(again.id.map(|id| id.to_string()).as_deref(), Some("3"));
        assert_eq!(again.retry, Some(Duration::from_secs(2)));
        assert!(again.is_json);
        assert!(matches!(again.payload, Payload::Text(text) if text == "7"));
    }
}
