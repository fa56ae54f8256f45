//! The way a request came: straight from a peer, or by proxies that are believed.

use std::net::SocketAddr;

use super::Peer;

/// Who asks, by which scheme, for which host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The peer of the connection.
    Peer(Peer),
    /// What believed proxies say; boxed, for most requests have none.
    Told(Box<Via>),
}

/// What believed proxies say of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Via {
    /// Who asked the first of them; `None` if it does not say.
    pub client: Option<SocketAddr>,
    /// Whether it was asked by a secure scheme, if that is said.
    pub is_secure: Option<bool>,
    /// The host it was asked for, if that is said.
    pub host: Option<Box<str>>,
}

const _: () = assert!(size_of::<Way>() <= 16, "every idle session has one");

impl Way {
    /// Who asks.
    pub fn client(&self) -> Option<SocketAddr> {
        match self {
            Self::Peer(peer) => peer.address(),
            Self::Told(via) => via.client,
        }
    }

    /// Whether a proxy was asked by a secure scheme; the server itself speaks no other than `http`.
    pub fn is_secure(&self) -> bool {
        match self {
            Self::Peer(_) => false,
            Self::Told(via) => via.is_secure == Some(true),
        }
    }

    /// The host a proxy was asked for, if it says so.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Peer(_) => None,
            Self::Told(via) => via.host.as_deref(),
        }
    }
}
