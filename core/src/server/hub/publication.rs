//! A publication: a message in the log, with the encodings made of it so far.

use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;

use super::super::ledger::Ledger;
use super::super::moment::Moment;
use crate::action::Message;
use crate::transport::{Form, Wire};

/// A message in the log. The round that delivers it, the history and the queues of slow readers
/// share it, and with it each encoding, which is made once.
pub(crate) struct Publication {
    pub message: Message,
    /// Its place in the one sequence of the hub.
    pub offset: u64,
    /// Its publisher's number, on a numbered channel.
    pub number: u64,
    /// The channel's key in the hub.
    pub channel: u32,
    /// Tells its key from others of the channel, nearly always.
    pub key_hash: Option<u64>,
    pub at: Moment,
    forms: [OnceCell<Option<Bytes>>; Form::COUNT],
    ledger: Ledger,
}

impl Publication {
    pub fn new(
        message: Message,
        (offset, number): (u64, u64),
        channel: u32,
        at: Moment,
        ledger: &Ledger,
    ) -> Self {
        let forms = [const { OnceCell::new() }; Form::COUNT];
        let key_hash = message.key().map(|key| hash(channel, key));
        let publication =
            Self { message, offset, number, channel, key_hash, at, forms, ledger: ledger.clone() };
        ledger.add(publication.bytes());
        publication
    }

    /// Bytes it takes: itself and its payload. Its encodings may outlive it in outboxes, and are
    /// counted by themselves.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.payload_bytes()
    }

    /// Bytes of what it says.
    pub fn payload_bytes(&self) -> usize {
        self.message.bytes().len()
    }

    /// The encoding of this form, made at the first call; `None` if the form does not carry the
    /// message, which is logged once and not for everybody who misses it.
    pub fn encoded(&self, form: Form) -> Option<Bytes> {
        let encode = || match Wire::render_shared(form, &self.message.event()) {
            Ok(bytes) => Some(self.ledger.share(bytes)),
            Err(error) => {
                let channel = self.message.channel();
                tracing::error!(channel, "a message was not sent as {form:?}: {error}");
                None
            }
        };
        self.forms[form as usize].get_or_init(encode).clone()
    }
}

fn hash(channel: u32, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (channel, key).hash(&mut hasher);
    hasher.finish()
}

impl Drop for Publication {
    fn drop(&mut self) {
        self.ledger.subtract(self.bytes());
    }
}
