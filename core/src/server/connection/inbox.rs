//! The inbox: what has arrived on one connection and is not used up, because it is not whole.
//!
//! An idle connection has none.

use super::flow::Flow;
use crate::protocol::http::{BodyDecoder, BodyLength, RequestHeads};
use crate::protocol::websocket::Decoder;
use crate::protocol::websocket::deflate::{Inflation, Past};
use crate::server::channels::ledger::{Held, Ledger};
use crate::server::request::form::FormReading;

/// What has arrived and is not used up, and how far it was looked at.
pub(crate) struct Inbox {
    /// Bytes that could not be used yet.
    pub carry: Box<[u8]>,
    pub heads: RequestHeads,
    /// The body of the request under way, until its reading starts.
    pub body_length: BodyLength,
    /// The client waits to be told before it sends the body.
    pub expects_continue: bool,
    /// The form of the request is read, and not yet handed to `on_data`.
    pub has_form: bool,
    pub form: Option<Box<FormReading>>,
    pub body: Option<BodyReading>,
    pub socket: Option<Box<Socket>>,
}

/// A body being read for a session.
pub(crate) struct BodyReading {
    pub decoder: BodyDecoder,
    pub bytes: Vec<u8>,
    pub is_streamed: bool,
    pub flow: Flow,
}

/// What only a WebSocket has of which a message, or a frame, has arrived in part; or one whose
/// messages point back to those before them.
pub(crate) struct Socket {
    pub decoder: Decoder,
    /// What inflating takes from one message, or part of one, to the next.
    pub inflow: Option<Box<Inflow>>,
}

/// What only a WebSocket has that is sent compressed messages: as long as one takes to arrive that
/// is heard part by part, or for good if messages point back to those before them.
pub(crate) struct Inflow {
    /// Whether messages point back to those before them.
    pub takes_over: bool,
    pub past: Option<Past>,
    pub inflation: Option<Inflation>,
    /// What both take is in the ledger.
    pub held: Held,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            carry: Box::default(),
            heads: RequestHeads::new(),
            body_length: BodyLength::None,
            expects_continue: false,
            has_form: false,
            form: None,
            body: None,
            socket: None,
        }
    }
}

impl Inbox {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        let has_more_to_read = self.body_length != BodyLength::None || self.expects_continue;
        let is_reading = self.form.is_some() || self.body.is_some() || self.socket.is_some();
        self.carry.is_empty() && !self.has_form && !has_more_to_read && !is_reading
    }

    /// How fast the body under way arrives.
    pub fn flow(&self) -> Option<Flow> {
        let form = self.form.as_ref().map(|form| form.flow);
        form.or_else(|| self.body.as_ref().map(|body| body.flow))
    }

    /// As [`flow`](Self::flow), to count anew.
    pub fn flow_mut(&mut self) -> Option<&mut Flow> {
        let form = self.form.as_mut().map(|form| &mut form.flow);
        form.or_else(|| self.body.as_mut().map(|body| &mut body.flow))
    }
}

impl Socket {
    /// Whether nothing of it has to be kept until more arrives.
    pub fn is_at_rest(&self) -> bool {
        self.decoder.is_at_rest() && self.inflow.is_none()
    }
}

impl Inflow {
    pub fn new(takes_over: bool, ledger: &Ledger) -> Self {
        Self { takes_over, past: None, inflation: None, held: ledger.hold(0) }
    }

    /// Enters in the ledger what it takes now.
    pub fn count(&mut self) {
        let past = self.past.as_ref().map_or(0, Past::bytes_held);
        self.held.set(past + self.inflation.as_ref().map_or(0, Inflation::bytes_held));
    }

    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.past.is_none() && self.inflation.is_none()
    }
}
