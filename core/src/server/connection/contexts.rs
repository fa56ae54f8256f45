//! Contexts: what the messages of a connection leave behind for those after them, each in the
//! ledger for as long as it is kept.
//!
//! There are two to a connection. Ours can be let go after any message, for a server that may
//! point back need not; what is said next stands by itself. The client's cannot: its next message
//! may point back to all that its window holds.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::protocol::websocket::deflate::{Deflater, Direction};
use crate::server::channels::ledger::{Held, Ledger};
use crate::server::engine::Engine;

/// The deflaters of those whose messages point back to the ones before them, by their seats.
#[derive(Default)]
pub(crate) struct Contexts(HashMap<usize, Context>);

struct Context {
    deflater: Deflater,
    _held: Held,
}

impl Contexts {
    /// The deflater of a seat. One is made where so much more leaves the ledger at no more than
    /// `held_max`.
    pub fn deflater(
        &mut self,
        seat: usize,
        direction: Direction,
        ledger: &Ledger,
        held_max: usize,
    ) -> Option<&mut Deflater> {
        let context = match self.0.entry(seat) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let bytes = Deflater::bytes_held(direction.window_bits);
                if ledger.bytes() + bytes > held_max {
                    return None;
                }
                let deflater = Deflater::new(direction);
                entry.insert(Context { deflater, _held: ledger.hold(bytes) })
            }
        };
        Some(&mut context.deflater)
    }

    /// Lets go of a seat's.
    pub fn forget(&mut self, seat: usize) {
        // A map hashes what is looked up even when it is empty, and each session ends here.
        if !self.0.is_empty() {
            self.0.remove(&seat);
        }
    }

    /// Lets go of some until no more than `bytes` are held in all, or none is left.
    pub fn trim_to(&mut self, bytes: usize, ledger: &Ledger) {
        self.0.retain(|_, _| ledger.bytes() <= bytes);
    }
}

impl Engine {
    /// Whether there is room for the contexts of another connection.
    pub(crate) fn has_room_for_contexts(&self) -> bool {
        let bytes = Deflater::bytes_held(self.limits.deflate_window_bits_max);
        self.hub.ledger().bytes() + bytes <= self.contexts_held_max()
    }

    /// Lets go of what is kept to inflate a client's next messages: none of them will be heard.
    pub(crate) fn forget_inflow(&mut self, key: usize) {
        if let Some(inbox) = &mut self.connections[key].inbox
            && let Some(socket) = &mut inbox.socket
        {
            socket.inflow = None;
        }
    }
}
