//! The attributes of Crampon: `#[action(..)]` and `#[service]` on a struct, which is the class
//! header, and `#[callbacks]` on its `impl` block, which is the class body.
//!
//! They write data and never control flow: a constant with the declaration, and a constant table
//! of the callbacks, which can be written by hand as well. Bodies and signatures stay as they are.
//! What is wrong is told all at once, each mistake once, on the smallest token, with what to write
//! instead.
//!
//! This crate reads attributes only; all the words mean is in the crate `crampon`, which exports
//! these macros. Depend on that one.

mod action;
mod attr;
mod callbacks;
mod class;
mod cors;
mod duration;
mod faults;
mod key;
mod origins;
mod outside;
mod service;
mod setting;
mod signature;
mod subscription;
mod suggest;
mod table;
mod transport;

use proc_macro::TokenStream;

/// Declares a struct or an enum to be an action: one instance answers one request.
///
/// ```
/// use crampon::action::Action;
/// use crampon::transport::Transport;
/// use crampon::{action, callbacks};
///
/// #[action(transport = websocket | sse, keep_alive = "20s", subscribe = "chat")]
/// struct Chat {
///     room: String,
/// }
///
/// #[callbacks]
/// impl Chat {}
///
/// assert_eq!(Chat::DECLARATION.transports, [Transport::Websocket, Transport::Sse]);
/// assert_eq!(Chat::DECLARATION.subscriptions.len(), 1);
/// ```
///
/// | setting | value | meaning | of the transports |
/// |---|---|---|---|
/// | `transport` | words joined by `\|` | how it speaks: `regular`, `chunked`, `sse`, `long_polling`, `websocket`; the only setting that must be there | |
/// | `keep_alive` | duration or `off` | how often a silent connection is spoken to | `chunked`, `sse`, `websocket` |
/// | `subscribe` | a channel or its name, or a list of them | what it hears from its start on | all |
/// | `subprotocols` | `["chat", "echo"]` | the subprotocols it speaks (RFC 6455, section 1.9) | `websocket` |
/// | `origins` | `any`, `own`, or origins joined by `\|` | whose pages may open its sockets and streams, and post to it: `"https://app.example"`, `"https://*.example.org"` | all |
/// | `cors` | alone, or `(origins = .., credentials, headers = .., exposed = .., max_age = ..)` | the pages of other origins whose scripts may read its answers | all |
/// | `poll_timeout` | duration | how long a poll waits before it is answered with 204 | `long_polling` |
/// | `answer_timeout` | duration | how long it may take to answer before a 503 does | `regular` |
/// | `hold_timeout` | duration | how long a held request may wait before a 503 answers it | all |
/// | `write_timeout` | duration | how long a peer may take nothing of what waits for it | all |
/// | `stream_life_max` | duration | how long a stream may live; it ends after a random part of that, at least half | `chunked`, `sse`, `websocket` |
/// | `body_bytes_max` | number | bytes of one request body | all |
/// | `body_rate_min` | number | bytes a second a request body has to arrive with; 0 for none | all |
/// | `message_bytes_max` | number | bytes of one message, all its fragments together | `websocket` |
/// | `messages_per_second_max` | number, `u32` | messages a second it may be sent, pings included | `websocket` |
/// | `outbox_bytes_max` | number | bytes a slow reader may leave unread | all |
/// | `deflate` | `off`, `shared` or `dedicated` | how messages are compressed (RFC 7692): not at all; by what the loop shares, at no memory; by a context of the connection's own, at some 370 KiB | `websocket` |
/// | `deflate_bytes_min` | number | bytes a message has at least to be compressed | `websocket` |
///
/// A duration is a string of a number and a unit: `"250ms"`, `"1.5s"`, `"2m"`, `"1h"`, `"1d"`.
/// A number is any constant expression of type `usize`, where nothing else is said. A channel is
/// any expression that could be handed to `cx.subscribe`, of constants: `"news"`, `ROOM`,
/// `ROOM.at("hall").replay(Replay::All)`. A setting that is left out is the server's.
///
/// The struct stays as it is and gets an implementation of `Action`. A generic one is an action
/// wherever its `#[callbacks]` block applies, so bounds need only stand on that block.
#[proc_macro_attribute]
pub fn action(arguments: TokenStream, item: TokenStream) -> TokenStream {
    action::expand(arguments.into(), item.into()).into()
}

/// Declares a struct or an enum to be a service: it belongs to the process, not to a connection.
///
/// It takes no settings.
///
/// ```
/// use crampon::action::{Context, Service};
/// use crampon::{callbacks, service};
///
/// #[service]
/// struct Sampler {
///     samples: u64,
/// }
///
/// #[callbacks]
/// impl Sampler {
///     #[periodic_timer(every = "1s")]
///     fn sample(&mut self, _cx: &mut Context<Self>) {
///         self.samples += 1;
///     }
/// }
///
/// assert_eq!(Sampler::NAME, "Sampler");
/// ```
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(arguments.into(), item.into()).into()
}

/// Makes an `impl` block the class body: the methods it marks are called back.
///
/// | attribute on a method | called | its third argument |
/// |---|---|---|
/// | `#[before_start]` | before anything is on the wire; an `Err` refuses | |
/// | `#[on_start]` | once, when the action has started | |
/// | `#[on_data]` | for every message or body | `&str`, `&[u8]`, `Data<'_>`, `Message`, `Json<T>`, `Result<Json<T>, Rejection>` |
/// | `#[on_data(stream)]` | for every part of a long message or body | `Part<'_>` |
/// | `#[on_message]` | for every message of a channel it subscribed to | `&Message` |
/// | `#[on_gap]` | when something was said that the viewer will never hear | `&Gap` |
/// | `#[on_drain]` | when a viewer who was behind has taken all that waited | |
/// | `#[on_stop]` | when the server stops, before the action or service is ended | |
/// | `#[periodic_timer(every = ..)]` | at a fixed rate while the action lives | |
/// | `#[on_finish]` | exactly once, at the end | |
///
/// A callback is `fn name(&mut self, cx: &mut Context<Self>)`, with a third argument as above. It
/// returns nothing, or a `Result<(), E>` whose error implements `Display`. Attributes stack, and
/// callbacks of one kind are called in the order of declaration.
///
/// ```
/// use crampon::action::{Callbacks, Context, Halt};
/// use crampon::{action, callbacks};
///
/// #[action(transport = websocket)]
/// struct Echo {
///     heard: u64,
/// }
///
/// #[callbacks]
/// impl Echo {
///     #[before_start]
///     fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
///         Ok(())
///     }
///
///     #[on_data]
///     fn received(&mut self, _cx: &mut Context<Self>, text: &str) {
///         self.heard += text.len() as u64;
///     }
///
///     #[on_start]
///     #[periodic_timer(every = "15s")]
///     fn report(&mut self, _cx: &mut Context<Self>) {}
/// }
///
/// let table = Echo::TABLE;
/// assert_eq!(table.before_start[0].name, "check");
/// assert_eq!(table.on_start[0].name, table.timers[0].callback.name);
/// ```
///
/// The block stays as it is but for these attributes, and the type gets an implementation of
/// `Callbacks`. A type has one such block, which may be empty; further blocks are ordinary ones.
#[proc_macro_attribute]
pub fn callbacks(arguments: TokenStream, item: TokenStream) -> TokenStream {
    callbacks::expand(arguments.into(), item.into()).into()
}

/// Writes the macro of one callback attribute: reached only where no block has taken it off.
macro_rules! callback_attributes {
    ($($(#[$docs:meta])* $name:ident;)*) => { $(
        $(#[$docs])*
        #[proc_macro_attribute]
        pub fn $name(_arguments: TokenStream, item: TokenStream) -> TokenStream {
            outside::expand(stringify!($name), item.into()).into()
        }
    )* };
}

callback_attributes! {
    /// Marks a method that runs before anything is on the wire, and may refuse.
    ///
    /// It takes no settings. An `Err` with a `Halt` answers exactly that; nothing else runs then.
    ///
    /// ```
    /// # use crampon::{action, action::{Context, Halt}, callbacks};
    /// # #[action(transport = sse)]
    /// # struct Live;
    /// #[callbacks]
    /// impl Live {
    ///     #[before_start]
    ///     fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
    ///         Err(Halt::new(401, "who are you?"))
    ///     }
    /// }
    /// ```
    before_start;

    /// Marks a method that runs once, when the action has started.
    ///
    /// It takes no settings.
    ///
    /// ```
    /// # use crampon::{action, action::Context, callbacks};
    /// # #[action(transport = sse)]
    /// # struct Live { started: bool }
    /// #[callbacks]
    /// impl Live {
    ///     #[on_start]
    ///     fn greet(&mut self, _cx: &mut Context<Self>) {
    ///         self.started = true;
    ///     }
    /// }
    /// ```
    on_start;

    /// Marks a method that runs for every message or request body that arrives.
    ///
    /// | setting | meaning |
    /// |---|---|
    /// | none | the whole of it, converted to the type of the argument (`FromData`) |
    /// | `stream` | part by part as it arrives: the argument is `Part<'_>` |
    ///
    /// ```
    /// # use crampon::{action, action::{Context, Json, Part, Rejection}, callbacks};
    /// # #[action(transport = websocket)]
    /// # struct Scores { total: u64, bytes: usize }
    /// #[callbacks]
    /// impl Scores {
    ///     #[on_data]
    ///     fn scored(&mut self, _cx: &mut Context<Self>, Json(points): Json<u64>) {
    ///         self.total += points;
    ///     }
    ///
    ///     #[on_data(stream)]
    ///     fn part(&mut self, _cx: &mut Context<Self>, part: Part<'_>) {
    ///         self.bytes += part.bytes.len();
    ///     }
    /// }
    /// ```
    on_data;

    /// Marks a method that runs for every message published on a channel the action subscribed to.
    ///
    /// It takes no settings.
    ///
    /// ```
    /// # use crampon::{action, action::{Context, Message}, callbacks};
    /// # #[action(transport = sse)]
    /// # struct Room { heard: usize }
    /// #[callbacks]
    /// impl Room {
    ///     #[on_message]
    ///     fn heard(&mut self, _cx: &mut Context<Self>, message: &Message) {
    ///         self.heard += message.bytes().len();
    ///     }
    /// }
    /// ```
    on_message;

    /// Marks a method that runs when something was said that the viewer has not heard and never
    /// will: it came back too late, or read too slowly.
    ///
    /// It takes no settings. The viewer is told of the gap by an event; what this method renders
    /// then says where things stand, and after it comes all that was said since.
    ///
    /// ```
    /// # use crampon::{action, action::{Channel, Context, Gap}, callbacks};
    /// const SCORE: Channel<u64> = Channel::new("score").history(100);
    ///
    /// #[action(transport = sse, subscribe = SCORE)]
    /// struct Board {
    ///     score: u64,
    /// }
    ///
    /// #[callbacks]
    /// impl Board {
    ///     #[on_gap]
    ///     fn missed(&mut self, cx: &mut Context<Self>, _gap: &Gap) {
    ///         cx.render(self.score.to_string());
    ///     }
    /// }
    /// ```
    on_gap;

    /// Marks a method that runs when a viewer who was behind has taken all that waited for it.
    ///
    /// It takes no settings.
    ///
    /// ```
    /// # use crampon::{action, action::Context, callbacks};
    /// # #[action(transport = websocket)]
    /// # struct Camera { quality: u32 }
    /// #[callbacks]
    /// impl Camera {
    ///     #[on_drain]
    ///     fn sharpen(&mut self, _cx: &mut Context<Self>) {
    ///         self.quality += 1;
    ///     }
    /// }
    /// ```
    on_drain;

    /// Marks a method that runs when the server stops, before the action or service is ended: the
    /// place for a last word.
    ///
    /// It takes no settings. A service hears of it at once, while new connections are still let
    /// in; an action when it is its turn to end, so that what it renders is its viewer's last
    /// event. One that answers by [`regular`](action) may then still take its time to finish.
    ///
    /// ```
    /// # use crampon::{action, action::{Context, Event}, callbacks};
    /// # #[action(transport = websocket | sse)]
    /// # struct Board;
    /// #[callbacks]
    /// impl Board {
    ///     #[on_stop]
    ///     fn say_so(&mut self, cx: &mut Context<Self>) {
    ///         cx.render(Event::new("back in a moment").named("notice"));
    ///     }
    /// }
    /// ```
    on_stop;

    /// Marks a method that runs exactly once, at the end of an action that had started.
    ///
    /// It takes no settings.
    ///
    /// ```
    /// # use crampon::{action, action::Context, callbacks};
    /// # #[action(transport = sse)]
    /// # struct Live;
    /// #[callbacks]
    /// impl Live {
    ///     #[on_finish]
    ///     fn left(&mut self, _cx: &mut Context<Self>) {}
    /// }
    /// ```
    on_finish;

    /// Marks a method that runs at a fixed rate while its action lives, first after one interval.
    ///
    /// | setting | value | meaning |
    /// |---|---|---|
    /// | `every` | `"250ms"`, `"15s"`, `"2m"`, `"1h"`, `"1d"` | this often |
    /// | `every` | `Self::pace`, a `fn(&Self) -> Duration` | as often as it says when the timer is armed |
    ///
    /// It stands as often as there are timers.
    ///
    /// ```
    /// # use crampon::{action, action::{Callbacks, Context}, callbacks};
    /// # use std::time::Duration;
    /// # #[action(transport = sse)]
    /// # struct Clock { pace: Duration }
    /// #[callbacks]
    /// impl Clock {
    ///     #[periodic_timer(every = "1.5s")]
    ///     #[periodic_timer(every = Self::pace)]
    ///     fn tick(&mut self, _cx: &mut Context<Self>) {}
    ///
    ///     fn pace(&self) -> Duration {
    ///         self.pace
    ///     }
    /// }
    ///
    /// assert_eq!(Clock::TABLE.timers.len(), 2);
    /// ```
    periodic_timer;
}
