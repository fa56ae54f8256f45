//! What the macros' output names. Not for people: it changes without notice.

pub use std::borrow::Cow;
pub use std::time::Duration;

pub use crate::action::{
    Action, Callback, Callbacks, Context, Cors, Data, Declaration, Deflate, Every, Failure,
    FromData, Gap, IntoOutcome, KeepAlive, Message, Origins, Part, PeriodicTimer, Place, Receive,
    Service, Subscription, Table,
};
pub use crate::transport::Transport;
