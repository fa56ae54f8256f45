//! The memory budget: what gives way when histories, lines and outboxes together hold too much.
//!
//! Above the soft line it is the contexts of compression, which costs bytes on the wire, and the
//! past, which costs those who come back a gap; above the hard line
//! it is readers, the one with the most waiting first. Who reads is not disturbed by either.

use std::collections::{BinaryHeap, HashMap};

use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::limits::Limits;

/// How a server stands with its budget.
#[derive(Debug)]
pub(crate) struct Budget {
    /// What each outbox that is stuck has in the ledger, by its connection.
    outboxes: HashMap<usize, usize>,
    /// Held bytes above which something is to give way.
    relieves_above: usize,
    /// Held bytes below which the strain is over; 0 while there is none.
    eases_below: usize,
}

impl Budget {
    pub fn new(limits: &Limits) -> Self {
        Self { outboxes: HashMap::new(), relieves_above: soft_line(limits), eases_below: 0 }
    }

    /// Bytes that stuck outboxes hold.
    pub fn outbox_bytes(&self) -> usize {
        self.outboxes.values().sum()
    }

    /// Notes that there is no strain any more.
    fn ease(&mut self, limits: &Limits) {
        self.relieves_above = soft_line(limits);
        self.eases_below = 0;
    }
}

impl Engine {
    /// Whether encodings of the past are kept once they are made. Half of the soft line is for the
    /// past itself: else who reads it would push out what it has not read yet.
    pub(crate) fn keeps_encodings(&self) -> bool {
        self.hub.ledger().bytes() < soft_line(&self.limits) / 2
    }

    /// Held bytes up to which contexts of compression are made.
    pub(crate) fn contexts_held_max(&self) -> usize {
        part(soft_line(&self.limits), EASED_EIGHTHS)
    }

    /// Enters in the ledger what a stuck connection's outbox holds now.
    pub(crate) fn count_outbox(&mut self, key: usize) {
        let Some(connection) = self.connections.get(key) else { return };
        let held = connection.outbox.bytes_held();
        let before = match held {
            0 => self.budget.outboxes.remove(&key),
            held => self.budget.outboxes.insert(key, held),
        };
        self.hub.ledger().add(held);
        self.hub.ledger().subtract(before.unwrap_or(0));
    }

    /// Takes the outbox of a connection that has gone out of the ledger.
    pub(crate) fn forget_outbox(&mut self, key: usize) {
        if self.budget.outboxes.is_empty() {
            // As mostly: not even its place is worked out.
            return;
        }
        let before = self.budget.outboxes.remove(&key);
        self.hub.ledger().subtract(before.unwrap_or(0));
    }

    /// Whether no more is held than the budget allows, and no strain is over.
    pub(crate) fn is_in_budget(&self) -> bool {
        let Budget { relieves_above, eases_below, .. } = self.budget;
        (eases_below..=relieves_above).contains(&self.hub.ledger().bytes())
    }

    /// Sees to it at the end of a tick that no more is held than the budget allows.
    pub(crate) fn keep_to_budget(&mut self, scope: &mut Scope<'_>) {
        let held = self.hub.ledger().bytes();
        let Budget { relieves_above, eases_below, .. } = self.budget;
        if held > relieves_above {
            self.relieve(held, scope);
        } else if held < eases_below {
            tracing::info!(held, "memory is under its soft line again");
            self.budget.ease(&self.limits);
        }
    }

    /// Lets go of the past, and if that is not enough of readers.
    fn relieve(&mut self, held: usize, scope: &mut Scope<'_>) {
        let (soft, hard) = (soft_line(&self.limits), self.limits.memory_hard_bytes);
        if self.budget.eases_below == 0 {
            tracing::warn!(held, soft, "memory is over its soft line: the past is cut short");
            self.budget.eases_below = part(soft, EASED_EIGHTHS).max(1);
        }
        self.hub.collapse();
        self.compression.contexts.trim_to(part(soft, TRIMMED_EIGHTHS), self.hub.ledger());
        self.hub.trim_to(part(soft, TRIMMED_EIGHTHS));
        self.close_heaviest(hard, scope);
        // Where the past is not what takes the memory, looking through it again at once is in vain.
        let left = self.hub.ledger().bytes();
        self.budget.relieves_above = hard.min(soft.max(left.saturating_add(part(soft, 1))));
    }

    /// Closes those with the most waiting, until no more than `hard` bytes are held.
    fn close_heaviest(&mut self, hard: usize, scope: &mut Scope<'_>) {
        if self.hub.ledger().bytes() <= hard {
            return;
        }
        let waiting = self.connections.iter().map(|(key, _)| (self.bytes_waiting(key), key));
        let mut heaviest: BinaryHeap<_> = waiting.filter(|(waits, _)| *waits > 0).collect();
        while let Some((waits, key)) = heaviest.pop() {
            let held = self.hub.ledger().bytes();
            if held <= hard {
                return;
            }
            if self.connections.contains(key) {
                self.close_heavy(key, waits, held, scope);
            }
            // One that was only told takes its leave in the next tick, if that must be.
            scope.again();
        }
    }

    /// Bytes that wait for a connection's peer, in its outbox and in line, or are kept to
    /// understand it.
    fn bytes_waiting(&self, key: usize) -> usize {
        let connection = &self.connections[key];
        let line = connection.seat().and_then(|seat| self.seats[seat].line.as_ref());
        let socket = connection.inbox.as_ref().and_then(|inbox| inbox.socket.as_ref());
        let inflow = socket.and_then(|socket| socket.inflow.as_ref());
        connection.outbox.bytes_held().max(connection.outbox.len())
            + line.map_or(0, |line| line.bytes())
            + inflow.map_or(0, |inflow| inflow.held.bytes())
    }

    fn close_heavy(&mut self, key: usize, waits: usize, held: usize, scope: &mut Scope<'_>) {
        let connection = &self.connections[key];
        let remote = connection.remote.address().map(tracing::field::display);
        let seat = connection.seat();
        let action = seat.map(|seat| self.seats[seat].session.peek().declaration.name);
        tracing::debug!(
            remote,
            action,
            waits,
            held,
            "memory is over its hard line: the reader with the most waiting was closed"
        );
        match seat {
            Some(seat) => self.turn_out(seat, key, waits, scope),
            // It was told already, or its whole answer is what waits.
            None => return self.drop_connection(key, scope),
        }
        if self.connections.contains(key) {
            self.forget_inflow(key);
            self.count_outbox(key);
            if self.bytes_waiting(key) > FAREWELL_BYTES_MAX {
                // What is begun is too much to keep for it.
                self.drop_connection(key, scope);
            }
        }
    }
}

/// The line that is crossed first, whatever is set.
fn soft_line(limits: &Limits) -> usize {
    limits.memory_soft_bytes.min(limits.memory_hard_bytes)
}

/// So many eighths of a line.
fn part(line: usize, eighths: usize) -> usize {
    line / 8 * eighths
}

/// How far the past is trimmed below the soft line, so that it is not at its limit again with the
/// next event.
const TRIMMED_EIGHTHS: usize = 7;

/// How far under the soft line the strain is over: less than what trimming leaves, so that a
/// server that is always at the line says so once.
const EASED_EIGHTHS: usize = 6;

/// Bytes a reader that was closed may still hold, to be told why.
///
/// 64 KiB: the rest of a message it has taken in part. With more it is cut off.
const FAREWELL_BYTES_MAX: usize = 64 * 1024;
