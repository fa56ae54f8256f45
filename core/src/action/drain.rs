//! The end of a server in good order, and why: what its clients are told.

use crate::protocol::websocket::close_code::{GOING_AWAY, SERVICE_RESTART};

/// Why a server ends its streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drain {
    /// It stops: WebSockets are closed with 1001, going away.
    #[default]
    Stopping,
    /// Another takes its place: WebSockets are closed with 1012, service restart, by which clients
    /// know that it is worth their while to come back.
    Restarting,
}

impl Drain {
    /// The code and the reason that WebSockets are closed with.
    pub(crate) fn close(self) -> (u16, &'static str) {
        match self {
            Self::Stopping => (GOING_AWAY, "the server is stopping"),
            Self::Restarting => (SERVICE_RESTART, "the server is restarting"),
        }
    }
}
