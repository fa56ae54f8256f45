//! What `#[action(..)]` and `#[service]` declare: the class header.

use std::time::Duration;

use super::{Callbacks, Cors, Origins, Subscription};
use crate::transport::Transport;

/// A struct that answers requests: one instance a connection.
///
/// `#[action(transport = ..)]` on the struct writes this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an action",
    label = "this type has no `#[action(..)]`",
    note = "write `#[action(transport = sse)]` (or another: websocket, long_polling, ..) above \
            `struct {Self}`; a service has no viewer, so it cannot be routed to and cannot render"
)]
pub trait Action: Callbacks {
    /// The transports and the settings of the action.
    const DECLARATION: Declaration;
}

/// A struct that belongs to the process and not to a connection.
///
/// `#[service]` on the struct writes this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "this type has no `#[service]`",
    note = "write `#[service]` above `struct {Self}`"
)]
pub trait Service: Callbacks {
    /// The name of the struct, for the log.
    const NAME: &'static str;
}

/// What an action declares of itself. Settings left `None` are the server's.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The name of the struct, for the log and the error page.
    pub name: &'static str,
    /// The transports, in the order they were written; never empty.
    pub transports: &'static [Transport],
    /// How often a silent connection is spoken to.
    pub keep_alive: KeepAlive,
    /// WebSocket subprotocols this action speaks; the client's first offer among them is chosen.
    pub subprotocols: &'static [&'static str],
    /// The channels it hears from its start on.
    pub subscriptions: &'static [fn() -> Subscription],
    /// The pages that may speak to it.
    pub origins: Option<&'static Origins>,
    /// The pages of other origins that may read its answers.
    pub cors: Option<&'static Cors>,
    /// How long a long poll waits before it is answered with 204.
    pub poll_timeout: Option<Duration>,
    /// How long a regular action may take to answer before it is ended with 503.
    pub answer_timeout: Option<Duration>,
    /// How long `cx.hold()` may last before it is ended with 503.
    pub hold_timeout: Option<Duration>,
    /// How long a peer may take nothing of what waits for it.
    pub write_timeout: Option<Duration>,
    /// How long a stream may live; it ends after a random part of that, at least half.
    pub stream_life_max: Option<Duration>,
    /// Bytes of one request body.
    pub body_bytes_max: Option<usize>,
    /// Bytes a second a request body has to arrive with; 0 for none.
    pub body_rate_min: Option<usize>,
    /// Bytes of one WebSocket message, all its fragments together.
    pub message_bytes_max: Option<usize>,
    /// Messages a second that a WebSocket may send, pings included.
    pub messages_per_second_max: Option<u32>,
    /// Bytes a slow reader may leave unread.
    pub outbox_bytes_max: Option<usize>,
    /// How the messages of a WebSocket are compressed.
    pub deflate: Option<Deflate>,
    /// Bytes a message has at least to be compressed.
    pub deflate_bytes_min: Option<usize>,
}

impl Declaration {
    /// A regular action without settings, to start from.
    pub const DEFAULT: Self = Self {
        name: "",
        transports: &[Transport::Regular],
        keep_alive: KeepAlive::ByTransport,
        subprotocols: &[],
        subscriptions: &[],
        origins: None,
        cors: None,
        poll_timeout: None,
        answer_timeout: None,
        hold_timeout: None,
        write_timeout: None,
        stream_life_max: None,
        body_bytes_max: None,
        body_rate_min: None,
        message_bytes_max: None,
        messages_per_second_max: None,
        outbox_bytes_max: None,
        deflate: None,
        deflate_bytes_min: None,
    };
}

/// How often a silent connection is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepAlive {
    /// As the transport does it by default: SSE a comment, WebSocket a ping, the others nothing.
    ByTransport,
    /// In the transport's way, this often.
    Every(Duration),
    /// Never.
    Off,
}

/// How the messages of a WebSocket are compressed, if its client can (RFC 7692).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deflate {
    /// Not at all.
    Off,
    /// Each by itself, by a compressor and an inflater that all connections of the loop share: a
    /// connection costs no memory for it.
    #[default]
    Shared,
    /// Each with what was said before in mind, by a compressor of the connection's own: short
    /// messages that are much alike get several times smaller.
    ///
    /// That costs a connection some 370 KiB as soon as it is sent a message worth compressing (250
    /// with the smallest window), and as much of what its client has said as the client may point
    /// back to, up to 32 KiB. One compression no longer serves all subscribers of a channel: each
    /// message is compressed for each. A client that asks for it is served as by `Shared`, in
    /// either direction.
    ///
    /// All of it counts as held: a thousand such connections hold 400 MB. Contexts are made up to
    /// three quarters of [`Limits::memory_soft_bytes`](crate::Limits::memory_soft_bytes), which by
    /// default are some 500; whoever comes then is agreed to as by `Shared`, and whoever is there
    /// already is compressed for by what the loop shares. Over the soft line contexts are the first
    /// to go.
    Dedicated,
}
