//! What applications are written against: actions, services, contexts, events. Knows no sockets.

mod channel;
mod context;
mod cors;
mod data;
mod declaration;
mod defer;
mod desk;
mod drain;
mod drawer;
mod effect;
mod finish_reason;
mod gap;
mod halt;
mod home;
mod live;
mod message;
mod net;
mod origins;
mod outcome;
mod peer;
mod presence;
mod request;
mod roll;
mod session;
mod subscription;
mod surroundings;
mod table;
mod way;

pub use crate::transport::{Event, Id, RenderError};
pub use channel::{Anything, Channel, Overflow, Publishing, Topic};
pub use context::Context;
pub use cors::Cors;
pub use data::{Data, FromData, Json, Part, Rejection};
pub use declaration::{Action, Declaration, Deflate, KeepAlive, Service};
pub use defer::{DeferError, Deferred};
pub use drain::Drain;
pub use effect::Timer;
pub use finish_reason::FinishReason;
pub use gap::{Gap, GapReason};
pub use halt::Halt;
pub use message::Message;
pub use origins::Origins;
pub use outcome::{Failure, IntoOutcome, Outcome};
pub use presence::{Presence, Present};
pub use request::Request;
pub use subscription::{Replay, Subscription};
pub use table::{
    Callback, Callbacks, Every, Hear, Miss, PeriodicTimer, Place, Receive, ReceivePart, Step, Table,
};

pub(crate) use channel::Rules;
pub(crate) use cors::ALLOWED_HEADERS;
pub(crate) use desk::{Desk, FIRST_MINTED_ID, Refusal, Stage};
pub(crate) use effect::{Effect, Job, JobResult, Reply, ReplyId};
pub(crate) use home::Home;
pub(crate) use live::{Live, Role};
pub(crate) use net::{drop_net, panic_text};
pub(crate) use peer::Peer;
pub(crate) use roll::{Change, Entry, Roll};
pub(crate) use session::Session;
pub(crate) use surroundings::{Call, Surroundings};
pub(crate) use way::{Via, Way};
