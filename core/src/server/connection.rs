//! A connection: a stream, how far its requests have been read, and what waits to be written.

use std::net::SocketAddr;

use http::Method;

use super::admission::Excess;
use super::flow::Flow;
use super::form::FormReading;
use super::head_left::HeadLeft;
use super::ledger::{Held, Ledger};
use super::limits::Limits;
use super::moment::Moment;
use super::outbox::Outbox;
use crate::protocol::http::{
    BodyDecoder, BodyLength, PackedLength, RequestHead, RequestHeads, Version,
};
use crate::protocol::websocket::Decoder;
use crate::protocol::websocket::deflate::{Inflation, Past};
use crate::reactor::{Source, Stream, Timer};

/// One connection. What only some have is boxed: an idle one is small.
pub(crate) struct Connection {
    pub stream: Stream,
    pub source: Source,
    pub remote: Option<SocketAddr>,
    pub phase: Phase,
    /// The session that answers the request under way.
    pub seat: Option<usize>,
    pub outbox: Outbox,
    /// Bytes that arrived and could not be used yet.
    pub carry: Box<[u8]>,
    pub heads: RequestHeads,
    pub form: Option<Box<FormReading>>,
    pub body: Option<Box<BodyReading>>,
    pub socket: Option<Box<Socket>>,
    /// The body of the request under way, until its reading starts.
    pub body_length: Option<PackedLength>,
    /// The form of the request is read, and not yet handed to `on_data`.
    pub has_form: bool,
    pub expects_continue: bool,
    pub is_dirty: bool,
    pub is_paused: bool,
    /// Its messages came too fast: the next waits for its time.
    pub is_held_back: bool,
    /// What is kept has not been looked at since reading stopped, and may be used as it is.
    pub has_stock: bool,
    pub is_writable: bool,
    /// The last write left something untaken.
    pub is_stuck: bool,
    /// A request was answered here before.
    pub has_served: bool,
    /// Requests whose heads were complete.
    pub requests: u32,
    /// Some of a head has arrived.
    pub has_begun_head: bool,
    /// The end of what the peer sends is announced, and no edge will announce it again.
    pub end_is_near: bool,
    /// The peer sends no more.
    pub is_read_closed: bool,
    /// Input may be on its way that nobody will read: closing at once could cost the peer the
    /// last answer.
    pub lingers: bool,
    /// It was accepted when as many were open as may be, and is not to be served.
    pub excess: Option<Excess>,
    /// What must be written until the head of the stream under way is out.
    pub head_left: HeadLeft,
    /// When the phase began, or last moved on.
    pub since: Moment,
    /// When bytes last arrived.
    pub heard: Moment,
    /// When bytes were last taken by the peer.
    pub spoke: Moment,
    /// When a ping was sent that nothing has been heard after.
    pub pinged: Option<Moment>,
    pub watch: Option<(Timer, Moment)>,
}

/// What a connection does with the bytes that arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Gathers a request head.
    Head,
    /// Gathers a form, which is read before the action is made.
    Form,
    /// A session answers; what arrives waits.
    Waiting,
    /// Reads the body for the session.
    Body,
    /// Reads the rest of a body nobody wants, to reach the next request.
    Discard,
    /// Decodes WebSocket messages.
    Websocket,
    /// Our close frame is out; waits for the peer's.
    SocketClosing,
    /// Writes what is left, and ends.
    Closing,
    /// Has shut its side down; reads until the peer is done, and drops it.
    Lingering,
}

/// What only a WebSocket has.
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

/// A body being read for a session.
pub(crate) struct BodyReading {
    pub decoder: BodyDecoder,
    pub bytes: Vec<u8>,
    pub is_streamed: bool,
    pub flow: Flow,
}

/// The facts of a request that an answer needs.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub method: Method,
    pub version: Version,
    pub keeps_alive: bool,
    /// What is said about who may read the answer.
    pub shared: Vec<(&'static str, Box<[u8]>)>,
}

impl Asked {
    pub fn of(head: &RequestHead) -> Self {
        Self {
            method: head.method().clone(),
            version: head.version(),
            keeps_alive: head.keeps_alive(),
            shared: Vec::new(),
        }
    }

    /// For an answer to something that was no request.
    pub fn garbage() -> Self {
        let (method, version) = (Method::GET, Version::Http11);
        Self { method, version, keeps_alive: false, shared: Vec::new() }
    }
}

impl Connection {
    pub fn new(stream: Stream, source: Source, remote: Option<SocketAddr>, now: Moment) -> Self {
        Self {
            stream,
            source,
            remote,
            phase: Phase::Head,
            seat: None,
            outbox: Outbox::default(),
            carry: Box::default(),
            heads: RequestHeads::new(),
            form: None,
            body: None,
            socket: None,
            body_length: None,
            has_form: false,
            expects_continue: false,
            is_dirty: false,
            is_paused: false,
            is_held_back: false,
            has_stock: false,
            is_writable: true,
            is_stuck: false,
            has_served: false,
            requests: 0,
            has_begun_head: false,
            end_is_near: false,
            is_read_closed: false,
            lingers: false,
            excess: None,
            head_left: HeadLeft::default(),
            since: now,
            heard: now,
            spoke: now,
            pinged: None,
            watch: None,
        }
    }

    /// Whether some of the request's body is still to be read.
    pub fn has_unread_body(&self) -> bool {
        let is_unopened = self.body_length.is_some_and(|length| length != BodyLength::None.into());
        is_unopened || self.body.is_some() || self.form.is_some()
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

    /// Whether another request may be taken up: not while the answers to earlier ones pile up.
    pub fn takes_requests(&self, limits: &Limits) -> bool {
        self.outbox.len() <= limits.outbox_bytes_max
    }

    /// Whether reading on makes sense: bytes that cannot be used wait in the kernel past a limit.
    pub fn wants_input(&self, limits: &Limits) -> bool {
        match self.phase {
            Phase::Head => self.takes_requests(limits),
            Phase::Closing => false,
            Phase::Waiting => self.carry.len() < limits.head.head_bytes_max,
            Phase::Body | Phase::Websocket => !self.is_paused && !self.is_held_back,
            Phase::Form | Phase::Discard => true,
            Phase::SocketClosing | Phase::Lingering => true,
        }
    }
}

/// What an idle connection may cost, in bytes of this struct: it is what 10,000 of them add up to.
const CONNECTION_BYTES_MAX: usize = 240;
const _: () = assert!(size_of::<Connection>() <= CONNECTION_BYTES_MAX);
