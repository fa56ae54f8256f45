//! What the macros' output names. Not for people: it changes without notice.

pub use std::time::Duration;

pub use crate::action::{
    Action, Callback, Callbacks, Context, Data, Declaration, Every, Failure, FromData, IntoOutcome,
    KeepAlive, Message, Part, PeriodicTimer, Place, Receive, Service, Table,
};
pub use crate::transport::Transport;
