//! Every timing and size a server keeps to: its unit, its default, its reason.
//!
//! `docs/limits.md` lists them with what a client gets that goes past one.

mod defaults;
mod too_fast;

pub use too_fast::TooFast;

use std::time::Duration;

use crate::action::Deflate;
use crate::protocol::http::HeadLimits;
use crate::protocol::websocket::deflate::WindowBits;

/// What a server allows, and for how long; 49 days and more stand for ever. Every one can be set:
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
    /// Requests that wait as long behind a stream, and are more than are read ahead, are given up.
    ///
    /// 10 s: a head fits one packet; a sender this slow is broken or means harm.
    pub head_timeout: Duration,

    /// How long a connection may stay idle between two requests.
    ///
    /// 75 s: as long as nginx keeps one, and longer than the 60 s after which browsers and
    /// proxies give up theirs, so that it is they who close.
    pub idle_timeout: Duration,

    /// How long a connection may be silent, before its first request or between two, while no file
    /// descriptor is left for those who wait to be accepted: who has been silent longest gives way,
    /// one for each who waits.
    ///
    /// 1 s: a few round trips, in which who means to ask has begun to.
    pub idle_timeout_when_full: Duration,

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

    /// Bytes a second a body has to arrive with, in each stretch of
    /// [`body_timeout`](Self::body_timeout): 408. While its action has paused it, it does not
    /// count. 0 for none.
    ///
    /// 240: as Kestrel has it; the slowest mobile network does ten times that. Without it a byte
    /// now and then keeps a connection for ever.
    pub body_rate_min: usize,

    /// Requests answered on one connection; the last answer says that it closes.
    ///
    /// 100,000: minutes of a busy proxy, and then its connections spread anew over the servers
    /// there are.
    pub requests_per_connection_max: u32,

    /// Bytes of one WebSocket message, all its fragments together: close code 1009, as soon as the
    /// header of a frame announces more.
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
    /// Fragments of one WebSocket message: close code 1009.
    ///
    /// 65,536: a message of the default size in fragments of 16 bytes. Without it empty fragments
    /// keep a message open for ever.
    pub fragments_max: u32,

    /// Messages a second that a WebSocket may send, pings included. `None` for any number.
    ///
    /// Off: a load test meets it, and what an application bears is known to who writes it.
    pub messages_per_second_max: Option<u32>,

    /// Messages it may send at once after a silence.
    ///
    /// 100: what a client saved up while its line was down, or a page says as it opens.
    pub messages_at_once_max: u32,

    /// What becomes of one that sends faster.
    ///
    /// [`TooFast::HoldBack`]: who sends too fast is mostly a page with an error, not an attacker.
    pub messages_too_fast: TooFast,

    /// Bytes a slow reader may leave unread before it is closed as overflowed; a high-water mark
    /// that one message may cross.
    ///
    /// What the system has taken for it does not count: up to 4 MiB on Linux. Where only the newest
    /// counts ([`Overflow::Latest`](crate::action::Overflow::Latest)) the system is asked to hold
    /// little.
    ///
    /// 1 MiB: 16,000 chat lines of 64 bytes, or eight seconds of a 1 Mbit/s feed.
    pub outbox_bytes_max: usize,

    /// Bytes that histories, contexts of compression, and what waits for readers in outboxes and in
    /// line, may hold together before something gives way: first the contexts of
    /// [`Deflate::Dedicated`], of which none is made over three quarters of this, then the past.
    /// Channels of
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

    /// Bytes of events that other threads have [published](crate::Running::publish) and the loop
    /// has not taken up; one more is an error to who publishes.
    ///
    /// 64 MiB: more than a loop that is there ever lets wait; a thread that is ahead by more only
    /// grows the memory.
    pub posted_bytes_max: usize,

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

    /// Connections that may be open; one more is answered 503 with `Retry-After` as soon as it
    /// speaks, and nothing is made for it. Those that were open before go on. `None` for no limit
    /// but that of file descriptors.
    ///
    /// 100,000: with what the system holds for them, about a gigabyte; more than that is planned
    /// for. A browser's `EventSource` takes a 503 for the end and does not come back by itself, so
    /// this is well above [`connections_soft_max`](Self::connections_soft_max).
    pub connections_max: Option<usize>,

    /// Connections that may be open from one address, IPv6 ones by their network of 64 bits; one
    /// more is answered 429 with `Retry-After` as soon as it speaks. `None` for no such limit; a
    /// Unix socket has no address.
    ///
    /// Off: behind a proxy all have one address.
    pub connections_per_address_max: Option<u32>,

    /// Connections accepted in a second, as many of them at once; the others wait in the system's
    /// queue, where they cost nothing. `None` for as many as there are.
    ///
    /// Off: what a machine bears is known to who runs it, and a load test or a proxy that opens all
    /// its connections at once meets it.
    pub accepts_per_second_max: Option<u32>,

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
    /// counted.
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

    /// How long a peer may take nothing of what waits for it, here or in the system, which is
    /// told so too (`TCP_USER_TIMEOUT`, where there is such a thing).
    ///
    /// 30 s: TCP has by then retransmitted six times.
    pub write_timeout: Duration,

    /// How long a connection may be silent before the system asks whether its peer is still
    /// there. Who does not answer is given up once [`write_timeout`](Self::write_timeout) has
    /// passed since it was last heard of, or after as long again on systems that are not told
    /// that. It is counted in whole seconds; `None` asks nobody.
    ///
    /// 15 s: a peer whose cable is pulled is finished within 30 s, on transports too that have
    /// nothing to say to it.
    pub tcp_keep_alive: Option<Duration>,
    /// Bytes a second a peer has to take of what waits for it, in each stretch of
    /// [`write_timeout`](Self::write_timeout); one that takes less is closed. 0 for none.
    ///
    /// 30: a phone at the edge of its network takes twenty times that. What waits is bounded as it
    /// is, so this is only against those who sip to keep it waiting. What the system has taken for
    /// a peer counts as taken, and it takes in lumps.
    pub write_rate_min: usize,

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

    /// How long a stream may live: an event stream, a chunked answer, a WebSocket. Each ends after
    /// a random part of that, at least half, its transport's way (`retry:`, the last chunk, 1001),
    /// and its client comes back. `None` for any time.
    ///
    /// A week: a screen on a wall is not disturbed, and what a client or a proxy has forgotten is
    /// let go. Behind a balancer an hour spreads clients over servers that were added.
    pub stream_life_max: Option<Duration>,

    /// Channels that one connection may be subscribed to; who subscribes to one more is ended, a
    /// WebSocket with 1008, before the head with 500.
    ///
    /// 1,000: a list of all one follows; each subscription looks through those before it.
    pub channels_per_connection_max: usize,

    /// Timers that one action may have armed; one that arms one more is ended in the same way.
    ///
    /// 1,000: ten are many. More is a timer in a loop.
    pub timers_per_action_max: usize,

    /// How often a silent event stream carries a comment, at least: each stream's interval is
    /// up to a quarter shorter, so that a thousand do not all speak at once.
    ///
    /// 15 s: what WHATWG HTML advises (section 9.2.7).
    pub sse_keep_alive: Duration,

    /// How often a silent WebSocket is pinged, at least: each one's interval is up to a quarter
    /// shorter, as above.
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

    /// How long a server that is to stop goes on as ever but for saying that it is not ready
    /// any more, before it lets nobody in.
    ///
    /// None: only a load balancer that asks who is ready needs it, and how often it asks is not
    /// known here.
    pub stop_delay: Duration,

    /// How long a stopping server, once it lets nobody in, waits for answers to finish and for
    /// ended streams to be taken before it cuts them.
    ///
    /// 8 s: container runtimes kill a process after 10.
    pub stop_timeout: Duration,

    /// How long a stopping server waits for a request on a connection that has just been made,
    /// and for the rest of one that has begun, before it answers 408 or closes.
    ///
    /// 1 s: a few round trips; who connects while servers take turns gets an answer.
    pub stop_head_timeout: Duration,

    /// How long the peer may take to answer a WebSocket's close while the server stops, if that is
    /// shorter than [`close_timeout`](Self::close_timeout).
    ///
    /// 1 s: a few round trips; one silent socket is not to make the stop of a whole server long.
    pub stop_close_timeout: Duration,

    /// How many streams, sockets and polls a stopping server ends in a second; the first tenth of
    /// so many at once. Where it would not be through within half of
    /// [`stop_timeout`](Self::stop_timeout) it is faster than that.
    ///
    /// 1,000: their clients come back as they were ended, and a successor greets so many without
    /// making anyone wait.
    pub stop_streams_per_second: u32,

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
    /// turn. Of what it has compressed, which takes longer, it is an eighth.
    ///
    /// 1 MiB: four fillings of the loop's read buffer, a few hundred microseconds of parsing.
    pub read_bytes_per_tick: usize,

    /// Bytes of an unread request body that are read and dropped to keep the connection; with
    /// more to come it is closed instead.
    ///
    /// 64 KiB: cheaper than a new connection.
    pub discard_bytes_max: usize,
}
