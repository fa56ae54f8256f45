//! Crampon: real-time web applications on one hand-rolled event loop.

pub mod action;
mod files;
pub mod protocol;
pub mod reactor;
mod routes;
pub mod server;
pub mod transport;
pub mod trial;

pub use crampon_macros::{
    action, before_start, callbacks, on_data, on_finish, on_message, on_start, periodic_timer,
    service,
};
pub use files::FolderError;
pub use routes::{RouteError, Routes};
pub use server::{Error, Limits, Running, Server};

/// What serving, and callbacks that use `?`, return.
pub type Result<T> = std::result::Result<T, Error>;

/// What an application file begins with: `use crampon::prelude::*;`.
pub mod prelude {
    pub use std::rc::Rc;
    pub use std::time::Duration;

    pub use tracing::{debug, error, info, warn};

    pub use crate::action::{
        Context, Data, DeferError, Event, FinishReason, Halt, Json, Message, Part, Rejection,
    };
    pub use crate::transport::Transport;
    pub use crate::{Limits, Routes, Server};
    pub use crate::{
        action, before_start, callbacks, on_data, on_finish, on_message, on_start, periodic_timer,
        service,
    };
}

#[doc(hidden)]
pub mod __private;
