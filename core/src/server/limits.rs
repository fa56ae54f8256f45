//! Every timing and size a server keeps to: its default, its unit, its reason.

use std::time::Duration;

use crate::action::Deflate;
use crate::protocol::http::HeadLimits;
use crate::protocol::websocket::deflate::WindowBits;

/// What a server allows, and for how long. Every one can be set:
///
/// ```no_run
/// # use crampon::prelude::*;
/// # fn main() -> crampon::Result<()> {
/// let server = Server::bind("127.0.0.1:3000")?
///     .limits(|limits| limits.body_bytes_max = 64 * 1024);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes and fields of a request head; over them 431, or 414 for the target.
    pub head: HeadLimits,

    /// How long a request head may take from its first byte, or a new connection to send one: 408.
    ///
    /// 10 s: a head fits one packet; a sender this slow is broken or means harm.
    pub head_timeout: Duration,

    /// How long a connection may stay idle between two requests.
    ///
    /// 75 s: as long as nginx keeps one, and longer than the 60 s after which browsers and
    /// proxies give up theirs, so that it is they who close.
    pub idle_timeout: Duration,

    /// Bytes of an urlencoded body that is read before `before_start`, so that form fields are
    /// parameters. A longer one is a body like any other, also if it came in chunks and its
    /// length shows only on the way.
    ///
    /// 64 KiB: the text a person types into a form, many times over.
    pub form_bytes_max: usize,

    /// Bytes of any other request body: 413. A body taken part by part is held to it too.
    ///
    /// 2 MiB: what axum and Rails' neighbours allow by default; uploads say what they need.
    pub body_bytes_max: usize,

    /// How long a sender may leave a body without a byte: 408.
    ///
    /// 30 s: a phone in a tunnel comes out within it.
    pub body_timeout: Duration,

    /// Bytes of one WebSocket message, all its fragments together: close code 1009.
    ///
    /// 1 MiB: a thousand chat lines at once. em-websocket allowed 10 MB a frame and no limit on
    /// what they added up to.
    pub message_bytes_max: usize,

    /// How the messages of a WebSocket are compressed if its client can (RFC 7692).
    ///
    /// [`Deflate::Shared`]: it costs no memory a connection.
    pub deflate: Deflate,

    /// Bytes a message to a WebSocket has at least to be compressed; a shorter one goes as it is.
    ///
    /// 256: it takes the loop a few microseconds, most of them to begin anew, and saves a hundred
    /// bytes of 256; of shorter ones next to nothing.
    pub deflate_bytes_min: usize,

    /// How far back the messages of a [`Deflate::Dedicated`] connection may point, either way: the
    /// part of its memory that can be chosen, four windows on our side and one on the client's.
    ///
    /// 15 bits, 32 KiB: what compresses best, for connections that are given a lot anyway.
    pub deflate_window_bits_max: WindowBits,

    /// Bytes a slow reader may leave unread before it is closed as overflowed; a high-water mark
    /// that one message may cross.
    ///
    /// What the system has taken for it does not count: up to 4 MiB on Linux. Where only the newest
    /// counts ([`Overflow::Latest`](crate::action::Overflow::Latest)) the system is asked to hold
    /// little.
    ///
    /// 1 MiB: 16,000 chat lines of 64 bytes, or eight seconds of a 1 Mbit/s feed.
    pub outbox_bytes_max: usize,

    /// Bytes that histories, and what waits for readers in outboxes and in line, may hold together
    /// before the past gives way: channels of
    /// [`Overflow::Latest`](crate::action::Overflow::Latest) keep the newest of each key, the
    /// others are trimmed, the largest first. Cursors know of it.
    ///
    /// 256 MiB: half of a small virtual machine.
    pub memory_soft_bytes: usize,

    /// Bytes they may hold before readers are closed as overflowed, the one with the most waiting
    /// first; passed only within a tick.
    ///
    /// 512 MiB: twice the soft line, so that the past goes before any reader does.
    pub memory_hard_bytes: usize,

    /// Bytes of one published event; a longer one is refused to who publishes it.
    ///
    /// 256 KiB: a quarter of an outbox, so that none fills one by itself and closes a reader who
    /// comes back to it for ever.
    pub event_bytes_max: usize,

    /// Connections that may be open before new event streams are ended as soon as they have told
    /// what there is: their clients come back after the stream's `retry:` and go on by their
    /// cursors, so they hear everything, later. `None` for no such limit.
    ///
    /// That is for streams all of whose channels keep a history; others would lose what is said
    /// while they are away, and are served as ever. What an action renders of its own accord,
    /// from a timer say, has no cursor: it is heard while the stream lasts.
    ///
    /// Off: how many streams a machine bears is known to who runs it.
    pub connections_soft_max: Option<usize>,

    /// Connections that may be open before requests on new ones are answered 503 with
    /// `Retry-After`, and nothing is made for them; those that were open before go on. `None` for
    /// no limit but that of file descriptors.
    ///
    /// Off: as above. A browser's `EventSource` takes a 503 for the end and does not come back by
    /// itself, so this is well above [`connections_soft_max`](Self::connections_soft_max).
    pub connections_max: Option<usize>,

    /// The longest time clients are told to stay away when too many connections are open; each
    /// gets a random part of it, at least a tenth.
    ///
    /// 5 s: the most an event is late for who is served so.
    pub shed_retry_max: Duration,

    /// How long a channel that keeps a history is kept when nobody subscribes or publishes; cursors
    /// from before it was forgotten are told so.
    ///
    /// 10 min: a laptop's lid closed for a coffee, a phone in a dead spot.
    pub channel_idle_timeout: Duration,

    /// Bytes of one who is [present](crate::action::Presence): its key, and its value as JSON.
    ///
    /// 1 KiB: a name, a colour, the address of a picture. Whoever comes is told all of them.
    pub presence_bytes_max: usize,

    /// How many keys may be [present](crate::action::Presence) on one channel, those included who
    /// may be back in a moment; one more is served like the others, but not listed, which is
    /// logged.
    ///
    /// 5,000: a list of some 300 KB, told to everybody who comes. Beyond that people want to know
    /// how many there are, not who.
    pub presence_members_max: usize,

    /// How long one who was present and whose connection is lost may take to come back without a
    /// leave and a join.
    ///
    /// 10 s: a page that reloads takes one or two, a browser's reconnect three and a round trip;
    /// longer, and a room is full of those who have closed their laptop.
    pub presence_grace: Duration,

    /// How long a peer may take nothing of what waits for it.
    ///
    /// 30 s: TCP has by then retransmitted six times.
    pub write_timeout: Duration,

    /// How long `cx.hold()` may park a request: 503.
    ///
    /// 30 s: what browsers' users wait at the most.
    pub hold_timeout: Duration,

    /// How long a regular action may render nothing: 503 before the head, the end after it.
    ///
    /// 30 s: as Heroku's router and Thin had it.
    pub answer_timeout: Duration,

    /// How long a long poll waits: 204.
    ///
    /// 25 s: shorter than the 30 s after which the strictest common proxies cut a silent request.
    pub poll_timeout: Duration,

    /// How often a silent event stream carries a comment.
    ///
    /// 15 s: what WHATWG HTML advises (section 9.2.7).
    pub sse_keep_alive: Duration,

    /// How often a silent WebSocket is pinged.
    ///
    /// 25 s: under the 30 s and 60 s of common proxies, as Socket.IO has it.
    pub websocket_keep_alive: Duration,

    /// How long after a ping a WebSocket may stay silent before it is given up.
    ///
    /// 20 s: as Socket.IO has it; a dead peer is noticed within 45 s.
    pub pong_timeout: Duration,

    /// How long the peer may take to answer a WebSocket's close.
    ///
    /// 5 s: a peer that is there answers in one round trip.
    pub close_timeout: Duration,

    /// How long a closed connection goes on reading, so that its last answer is not lost to a
    /// reset (RFC 9112, section 9.6).
    ///
    /// 2 s: a few round trips on a bad line.
    pub linger_timeout: Duration,

    /// How long a stopping server waits for answers to finish before it cuts them.
    ///
    /// 10 s: what container runtimes give a process before they kill it.
    pub stop_timeout: Duration,

    /// The longest `retry` an event stream is ended with when the server stops; each client gets
    /// a random part of it, at least a tenth, so that they do not all come back at once.
    ///
    /// 3 s: the wait browsers have by default.
    pub stop_retry_max: Duration,

    /// A callback that holds the loop longer is named in the log; `None` for never.
    ///
    /// 50 ms: three frames of animation, and more than any callback without I/O needs.
    pub slow_callback: Option<Duration>,

    /// Bytes one connection may have read, or inflated, in one tick before the others get their
    /// turn.
    ///
    /// 1 MiB: four fillings of the loop's read buffer, a few hundred microseconds of parsing.
    pub read_bytes_per_tick: usize,

    /// Bytes of an unread request body that are read and dropped to keep the connection; with
    /// more to come it is closed instead.
    ///
    /// 64 KiB: cheaper than a new connection.
    pub discard_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: HeadLimits::default(),
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            form_bytes_max: 64 * KIB,
            body_bytes_max: 2 * MIB,
            body_timeout: Duration::from_secs(30),
            message_bytes_max: MIB,
            deflate: Deflate::Shared,
            deflate_bytes_min: 256,
            deflate_window_bits_max: WindowBits::MAX,
            outbox_bytes_max: MIB,
            memory_soft_bytes: 256 * MIB,
            memory_hard_bytes: 512 * MIB,
            event_bytes_max: 256 * KIB,
            connections_soft_max: None,
            connections_max: None,
            shed_retry_max: Duration::from_secs(5),
            channel_idle_timeout: Duration::from_secs(600),
            presence_bytes_max: KIB,
            presence_members_max: 5_000,
            presence_grace: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            hold_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(30),
            poll_timeout: Duration::from_secs(25),
            sse_keep_alive: Duration::from_secs(15),
            websocket_keep_alive: Duration::from_secs(25),
            pong_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(5),
            linger_timeout: Duration::from_secs(2),
            stop_timeout: Duration::from_secs(10),
            stop_retry_max: Duration::from_secs(3),
            slow_callback: Some(Duration::from_millis(50)),
            read_bytes_per_tick: MIB,
            discard_bytes_max: 64 * KIB,
        }
    }
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
