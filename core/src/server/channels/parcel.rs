//! Parcels: what a round says on one channel, in one piece for all who hear just that.
//!
//! Most who are subscribed hear one channel, keep up, and have nothing else to write. They are
//! sent the same bytes, so those are put together once and written to each as they are.

use bytes::Bytes;
use smallvec::SmallVec;

use super::hub::Round;
use super::ledger::Ledger;
use super::taker::Taker;
use crate::protocol::websocket::deflate::WindowBits;
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::transport::{Form, Sheet};

/// The parcels of one channel in one round: of one form mostly, compressed or not.
pub(crate) type Parcels = SmallVec<[Parcel; 2]>;

/// What a round says on one channel, as it is sent to all who take it alike.
pub(crate) struct Parcel {
    wrapping: Wrapping,
    /// `None` if it is too much for one piece.
    content: Option<Content>,
    /// How many messages it holds.
    messages: u64,
    /// Each of them carries a cursor.
    has_cursors: bool,
}

/// The bytes of a parcel.
pub(crate) enum Content {
    /// One message, or what somebody is slow to take.
    Shared(Bytes),
    /// Several messages, in a buffer of the loop's that nobody holds.
    Gathered(Sheet),
}

impl Content {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared(bytes) => bytes,
            Self::Gathered(bytes) => bytes,
        }
    }

    /// The bytes for somebody to hold.
    pub fn share(&mut self, ledger: &Ledger) -> Bytes {
        let shared = match self {
            Self::Shared(bytes) => return bytes.clone(),
            Self::Gathered(bytes) => ledger.share(std::mem::take(bytes).into_bytes()),
        };
        *self = Self::Shared(shared.clone());
        shared
    }
}

/// How one who hears them takes messages that stand each by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrapping {
    pub form: Form,
    pub deflate: Option<Deflating>,
}

/// To what window messages are compressed, and from which length on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deflating {
    pub window_bits: WindowBits,
    pub bytes_min: usize,
}

/// What came of handing somebody a parcel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handed {
    /// It does not take it as it is.
    Refused,
    /// It was written, and that is all.
    Quietly,
    /// It was written as far as may be, and more came of that, perhaps for others too.
    WithConsequences,
}

impl Engine {
    /// Writes a channel's parcel to one who takes such.
    pub(crate) fn hand_parcel(
        &mut self,
        seat: usize,
        taker: &Taker,
        (channel, round): (usize, &Round),
        parcels: &mut Parcels,
        scope: &mut Scope<'_>,
    ) -> Handed {
        let known = parcels.iter().position(|parcel| parcel.wrapping == taker.wrapping);
        let at = known.unwrap_or_else(|| {
            parcels.push(self.pack(channel, round, taker.wrapping));
            parcels.len() - 1
        });
        let Parcel { content: Some(content), messages, has_cursors, .. } = &mut parcels[at] else {
            return Handed::Refused;
        };
        let bytes = content.bytes().len();
        let lacks_cursors = taker.needs_cursors && !*has_cursors;
        if lacks_cursors || bytes > taker.outbox_bytes_max {
            return Handed::Refused;
        }
        self.seats[seat].round = self.round_count;
        self.surroundings.figures.shared.add(*messages);
        match bytes {
            0 => Handed::Quietly,
            _ => self.post(taker, content, scope),
        }
    }

    /// Puts together what a round says on a channel.
    fn pack(&mut self, channel: usize, round: &Round, wrapping: Wrapping) -> Parcel {
        let (mut messages, mut has_cursors) = (0, true);
        let mut encodings: SmallVec<[Bytes; 16]> = SmallVec::new();
        for at in self.hub.delivering(channel) {
            let publication = &round.log[*at as usize];
            has_cursors &= publication.message.has_cursor;
            if let Some(bytes) = self.compression.wrapped(publication, wrapping) {
                messages += 1;
                encodings.push(bytes);
            }
        }
        let bytes = encodings.iter().map(Bytes::len).sum::<usize>();
        let content = match &encodings[..] {
            [one] => Some(Content::Shared(one.clone())),
            _ if bytes > PARCEL_BYTES_MAX => None,
            several => {
                let mut gathered = self.buffers.take();
                several.iter().for_each(|one| gathered.extend_from_slice(one));
                Some(Content::Gathered(gathered))
            }
        };
        Parcel { wrapping, content, messages, has_cursors }
    }

    /// Takes back the buffers of parcels that all have been handed.
    pub(crate) fn unpack(&mut self, parcels: Parcels) {
        for parcel in parcels {
            if let Some(Content::Gathered(buffer)) = parcel.content {
                self.buffers.give(buffer);
            }
        }
    }
}

/// Bytes of several messages that are copied into one piece: the copy is made once, but a reader
/// who stops in it holds all of it. Of more, each message is held by itself.
const PARCEL_BYTES_MAX: usize = 512 * 1024;
