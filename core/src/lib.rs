//! Crampon: real-time web applications on one hand-rolled event loop.

pub mod action;
pub mod files;
pub mod protocol;
pub mod reactor;
mod routes;
pub mod server;
pub mod transport;
mod files { pub(crate) fn folder_target(_: &str, _: &std::path::Path) -> std::io::Result<crate::routes::Target> { unreachable!() } }

pub use crampon_macros::{
    action, before_start, callbacks, on_data, on_finish, on_message, on_start, periodic_timer,
    service,
};

#[doc(hidden)]
pub mod __private;
