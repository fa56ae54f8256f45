//! What applications are written against: actions, services, contexts, events. Knows no sockets.

mod context;
mod data;
mod declaration;
mod halt;
mod message;
mod outcome;
mod table;

pub use context::Context;
pub use data::{Data, FromData, Json, Part, Rejection};
pub use declaration::{Action, Declaration, KeepAlive, Service};
pub use halt::Halt;
pub use message::Message;
pub use outcome::{Failure, IntoOutcome, Outcome};
pub use table::{
    Callback, Callbacks, Every, Hear, PeriodicTimer, Place, Receive, ReceivePart, Step, Table,
};
