//! A message: what was published on a channel, or what arrived, kept.

use bytes::Bytes;

/// Text or bytes somebody said, with the channel, name and id it was published under.
///
/// The payload is shared: a clone copies no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub(crate) channel: Option<std::sync::Arc<str>>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) id: Option<Box<str>>,
    pub(crate) payload: Bytes,
    pub(crate) is_text: bool,
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

    fn new(payload: Bytes, is_text: bool) -> Self {
        Self { channel: None, name: None, id: None, payload, is_text }
    }

    /// The channel it was published on; `None` for what arrived from a viewer.
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// The name of the event, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The id of the event, if it has one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
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
