//! A connection: a stream, how far its requests have been read, and what waits to be written.

pub mod buffers;
pub mod compression;
pub mod contexts;
pub mod ending;
pub mod flow;
pub mod inbound;
pub mod inbox;
pub mod inflating;
pub mod life;
pub mod outbound;
pub mod outbox;
pub mod socket;
pub mod tempo;

use http::Method;

use super::arrival::admission::Excess;
use super::limits::Limits;
use super::place::Place;
use super::request::form::FormReading;
use super::request::head_left::HeadLeft;
use super::time::moment::Stamp;
use crate::action::Peer;
use crate::protocol::http::{BodyLength, RequestHead, Version};
use crate::reactor::{Source, Stream};
use flow::Flow;
use inbox::{BodyReading, Inbox};
use outbox::Outbox;

/// One connection. What only some have is boxed: an idle one is small.
pub(crate) struct Connection {
    pub stream: Stream,
    pub source: Source,
    pub remote: Peer,
    pub phase: Phase,
    /// The session that answers the request under way.
    pub seat: Option<Place>,
    pub outbox: Outbox,
    pub inbox: Option<Box<Inbox>>,
    /// The reading of the body of the request under way has not started, be there one or not.
    pub is_body_unopened: bool,
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
    pub since: Stamp,
    /// When bytes last arrived.
    pub heard: Stamp,
    /// When bytes were last taken by the peer.
    pub spoke: Stamp,
    /// When a ping was sent that nothing has been heard after.
    pub pinged: Option<Stamp>,
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
    pub fn new(stream: Stream, source: Source, remote: Peer, now: Stamp) -> Self {
        Self {
            stream,
            source,
            remote,
            phase: Phase::Head,
            seat: None,
            outbox: Outbox::default(),
            inbox: None,
            is_body_unopened: false,
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
        }
    }

    /// Whether some of the request's body is still to be read.
    pub fn has_unread_body(&self) -> bool {
        self.inbox.as_ref().is_some_and(|inbox| {
            let is_unopened = inbox.body_length != BodyLength::None;
            is_unopened || inbox.body.is_some() || inbox.form.is_some()
        })
    }

    /// The seat of the session that answers the request under way.
    #[inline]
    pub fn seat(&self) -> Option<usize> {
        self.seat.map(Place::key)
    }

    /// The inbox, to put something in.
    pub fn inbox(&mut self) -> &mut Inbox {
        self.inbox.get_or_insert_default()
    }

    /// Bytes that arrived and could not be used yet.
    pub fn carry(&self) -> &[u8] {
        self.inbox.as_ref().map_or(&[], |inbox| &inbox.carry)
    }

    /// Forgets bytes that will not be used.
    pub fn forget_carry(&mut self) {
        if let Some(inbox) = &mut self.inbox {
            inbox.carry = Box::default();
        }
    }

    /// The body being read, if it is.
    pub fn body(&mut self) -> Option<&mut BodyReading> {
        self.inbox.as_mut().and_then(|inbox| inbox.body.as_mut())
    }

    /// Takes the body that was read so far, if it was.
    pub fn take_body(&mut self) -> Option<BodyReading> {
        self.inbox.as_mut().and_then(|inbox| inbox.body.take())
    }

    /// Takes the form that was read so far, if it was.
    pub fn take_form(&mut self) -> Option<Box<FormReading>> {
        self.inbox.as_mut().and_then(|inbox| inbox.form.take())
    }

    /// Takes the length of a body whose reading starts; `None` if it has started.
    pub fn take_body_length(&mut self) -> Option<BodyLength> {
        let length = || match &mut self.inbox {
            Some(inbox) => std::mem::replace(&mut inbox.body_length, BodyLength::None),
            None => BodyLength::None,
        };
        std::mem::take(&mut self.is_body_unopened).then(length)
    }

    /// How fast the body under way arrives.
    pub fn flow(&self) -> Option<Flow> {
        self.inbox.as_ref().and_then(|inbox| inbox.flow())
    }

    /// As [`flow`](Self::flow), to count anew.
    pub fn flow_mut(&mut self) -> Option<&mut Flow> {
        self.inbox.as_mut().and_then(|inbox| inbox.flow_mut())
    }

    /// Whether that there is room to write is no news, and nothing waits for it.
    pub fn has_had_room(&self) -> bool {
        self.is_writable && self.outbox.is_empty()
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
            Phase::Waiting => self.carry().len() < limits.head.head_bytes_max,
            Phase::Body | Phase::Websocket => !self.is_paused && !self.is_held_back,
            Phase::Form | Phase::Discard => true,
            Phase::SocketClosing | Phase::Lingering => true,
        }
    }
}

/// What an idle connection may cost, in bytes of this struct: it is what 10,000 of them add up to.
/// While debugging, a socket of mio remembers its selector.
const CONNECTION_BYTES_MAX: usize = if cfg!(debug_assertions) { 112 } else { 96 };
const _: () = assert!(size_of::<Connection>() <= CONNECTION_BYTES_MAX);
