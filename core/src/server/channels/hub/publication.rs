//! A publication: a message in the log, with the encodings made of it so far.

use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;

use super::super::ledger::Ledger;
use crate::action::Message;
use crate::protocol::websocket::deflate::WindowBits;
use crate::server::connection::compression::Compression;
use crate::server::time::moment::Moment;
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
    deflated: Link,
    ledger: Ledger,
}

/// A compressed encoding of a publication, and the next that was made.
///
/// Few of all there could be are ever asked for, often one, so they are a chain.
struct Deflated {
    form: Form,
    window_bits: WindowBits,
    bytes: Bytes,
    next: Link,
}

type Link = OnceCell<Box<Deflated>>;

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
        let deflated = Link::new();
        let ledger = ledger.clone();
        let publication =
            Self { message, offset, number, channel, key_hash, at, forms, deflated, ledger };
        publication.ledger.add(publication.bytes());
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
    pub fn encoded(&self, form: Form) -> Option<&Bytes> {
        self.forms[form as usize].get_or_init(|| self.encode(form)).as_ref()
    }

    /// The same, but not kept with the publication if it has to be made: for one who hears it
    /// late, when memory is short.
    pub fn encoded_once(&self, form: Form) -> Option<Bytes> {
        self.forms[form as usize].get().cloned().unwrap_or_else(|| self.encode(form))
    }

    fn encode(&self, form: Form) -> Option<Bytes> {
        match Wire::render_shared(form, &self.message.event()) {
            Ok(bytes) => Some(self.ledger.share(bytes)),
            Err(error) => {
                let channel = self.message.channel();
                tracing::error!(channel, "a message was not sent as {form:?}: {error}");
                None
            }
        }
    }

    /// The compressed encoding of this form for all who agreed to this window, made at the first
    /// call of `plain`; that itself if it does not get shorter.
    pub fn deflated(
        &self,
        form: Form,
        window_bits: WindowBits,
        plain: &Bytes,
        compression: &mut Compression,
    ) -> Bytes {
        let mut link = &self.deflated;
        while let Some(made) = link.get() {
            if (made.form, made.window_bits) == (form, window_bits) {
                return made.bytes.clone();
            }
            link = &made.next;
        }
        let frames = compression.compressed(plain, window_bits);
        let bytes = match frames.len() < plain.len() {
            true => self.ledger.share(frames.to_vec()),
            false => plain.clone(),
        };
        let made =
            Box::new(Deflated { form, window_bits, bytes: bytes.clone(), next: Link::new() });
        link.set(made).unwrap_or_else(|_| unreachable!("the chain was followed to its end"));
        bytes
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
