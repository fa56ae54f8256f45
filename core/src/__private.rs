//! What the macros' output names. Not for people: it changes without notice.

pub use std::time::Duration;

pub use crate::action::{
    Action, Callback, Callbacks, Context, Data, Declaration, Deflate, Every, Failure, FromData,
    Gap, IntoOutcome, KeepAlive, Message, Part, PeriodicTimer, Place, Receive, Service,
    Subscription, Table,
};
pub use crate::transport::Transport;
