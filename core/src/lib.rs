//! Crampon: real-time web applications in Rust.
//!
//! An *action* is a small struct that declares a transport, some callbacks and a timer, and renders
//! events. The same action runs as Server-Sent Events, WebSocket, long polling, a chunked or a
//! regular answer by changing one word. One thread, one event loop on mio, and no I/O that blocks.
//!
//! ```no_run
//! use crampon::prelude::*;
//!
//! /// Counts the seconds for everybody who watches.
//! #[action(transport = sse)]
//! #[derive(Default)]
//! struct Clock {
//!     seconds: u64,
//! }
//!
//! #[callbacks]
//! impl Clock {
//!     #[before_start]
//!     fn resume(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
//!         self.seconds = cx.last_event_id()?.unwrap_or(0);
//!         Ok(())
//!     }
//!
//!     #[periodic_timer(every = "1s")]
//!     fn tick(&mut self, cx: &mut Context<Self>) {
//!         self.seconds += 1;
//!         cx.render(Event::json(&self.seconds).named("tick").id(self.seconds));
//!     }
//! }
//!
//! fn main() -> crampon::Result<()> {
//!     Server::bind("127.0.0.1:3000")?.serve(Routes::new().at("/clock", Clock::default))
//! }
//! ```
//!
//! # A tour
//!
//! **An action's life.** A request is routed and a fresh action is made by the route's *recipe*.
//! `#[before_start]` callbacks may refuse with a [`Halt`](action::Halt), wait with
//! [`hold`](action::Context::hold), and nothing is on the wire before they are through. Then the
//! head goes out, the timers are armed, `#[on_start]` runs. `#[on_data]` hears messages and bodies,
//! `#[on_message]` what is published on channels. `#[on_finish]` runs exactly once, with the
//! [reason](action::FinishReason). A callback returns nothing, or a `Result` with any error that
//! can be shown; an error or a panic ends that one connection the way its transport shows it, and
//! is logged with the callback and its source line.
//!
//! **The context.** Every callback is lent a [`Context`](action::Context): it renders, reads the
//! request, sets timers, publishes and subscribes, hands blocking work to a thread and takes the
//! result. Rendering encodes at once; everything else is recorded and happens when the callback has
//! returned, so no callback ever runs inside another.
//!
//! **Transports.** `transport = websocket | sse | long_polling` serves one action to whoever asks:
//! an upgrade gets a socket, an `Accept` that names `text/event-stream` events, anything else the
//! last one that is no socket. An action with `#[on_data]` also takes POST on the same path, so
//! that a viewer on events or polls can speak.
//!
//! **Channels.** `cx.subscribe("room")` and `cx.publish("room", event)` join connections without
//! one touching another. A message is encoded once for each wire, however many hear it. What a
//! channel is more than a name is declared, as a constant:
//!
//! ```
//! use crampon::prelude::*;
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! struct Price {
//!     symbol: String,
//!     cents: u64,
//! }
//!
//! const NEWS: Channel = Channel::new("news").history(100);
//! const PRICES: Channel<Price> = Channel::new("prices").latest_by(|price| &price.symbol);
//!
//! /// Shows what is new; who comes back after a tunnel hears what was said meanwhile.
//! #[action(transport = websocket | sse, subscribe = [NEWS.replay(Replay::Last(3)), PRICES])]
//! struct Desk;
//!
//! #[callbacks]
//! impl Desk {
//!     #[on_gap]
//!     fn missed(&mut self, cx: &mut Context<Self>, _gap: &Gap) {
//!         cx.render(Event::new("read the archive").named("news"));
//!     }
//! }
//! ```
//!
//! A channel with a *history* gives each event a *cursor*, the id a browser keeps and brings back
//! when it reconnects: it then hears exactly what it missed. What it can no longer be told is a
//! [gap](action::Gap): the viewer hears of it, and `#[on_gap]` can answer with a snapshot. A reader
//! slower than its channel is closed, by default, to come back with its cursor; a channel can
//! [drop](action::Overflow) the oldest, the newest, or all but the latest of each key instead.
//! `#[on_drain]` runs when one who was behind has caught up. Other threads publish by
//! [`Running`], other programs by HTTP, where a [`Publisher`] is mounted.
//!
//! **Presence.** `cx.enter(ROOM.presence(), "ada", &mood)` makes a viewer
//! [present](action::Presence) on a channel until its action ends, `cx.present(ROOM.presence())`
//! says who is, and who subscribes to it is told who comes and goes. A connection that is lost is
//! waited for, so that a reconnect is not a leave and a join.
//!
//! **Pages of other sites.** Sockets, streams and writes are for the pages this server serves:
//! browsers say where a request comes from, and others are refused with 403 unless
//! [`origins`](action::Origins) allows them. [`cors`](action::Cors) says whose scripts may read an
//! answer. Behind a proxy the viewer's address, scheme and host come from
//! [those that are trusted](Server::trust_proxies).
//!
//! **Services.** What belongs to the process and not to a connection (a file tail, a sampler) is a
//! `#[service]`: the same callbacks without a request, started by
//! [`Server::service`](Server::service).
//!
//! **Tests.** A [`Trial`](trial::Trial) tries an action without a socket, on a clock the test
//! moves; a [`World`](trial::World) holds several.
//!
//! **The loop.** The [`reactor`] knows no HTTP and can be used without it: sockets, timers, posted
//! closures, a pool of threads. [`Server::attach`](Server::attach) puts a web server on a loop of
//! one's own. The [`protocol`] codecs know no sockets and serve clients as well as servers.

pub mod action;
mod client;
mod figures;
mod files;
pub mod protocol;
mod publisher;
pub mod reactor;
mod routes;
pub mod server;
mod status;
pub mod transport;
pub mod trial;

pub use crampon_macros::{
    action, before_start, callbacks, on_data, on_drain, on_finish, on_gap, on_message, on_start,
    on_stop, periodic_timer, service,
};
pub use figures::Gauges;
pub use files::FolderError;
pub use publisher::Publisher;
pub use routes::{RouteError, Routes};
pub use server::{Error, Limits, Running, Server, TooFast};
pub use status::{Health, Metrics};

/// What serving, and callbacks that use `?`, return.
pub type Result<T> = std::result::Result<T, Error>;

/// What an application file begins with: `use crampon::prelude::*;`.
pub mod prelude {
    pub use std::rc::Rc;
    pub use std::time::Duration;

    pub use tracing::{debug, error, info, warn};

    pub use crate::action::{
        Channel, Context, Cors, Data, DeferError, Drain, Event, FinishReason, Gap, Halt, Json,
        Message, Origins, Overflow, Part, Presence, Present, Rejection, Replay,
    };
    pub use crate::transport::Transport;
    pub use crate::{Health, Limits, Metrics, Publisher, Routes, Server};
    pub use crate::{
        action, before_start, callbacks, on_data, on_drain, on_finish, on_gap, on_message,
        on_start, on_stop, periodic_timer, service,
    };
}

#[doc(hidden)]
pub mod __private;
