//! A peer: the other end of a connection by its address, in sixteen bytes.
//!
//! A `SocketAddr` takes twice that, and every idle connection keeps two.

use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
use std::rc::Rc;

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// On a Unix socket, or told by nobody.
    Unnamed,
    V4(SocketAddrV4),
    /// Longer, and so apart; all requests of a connection share it.
    V6(Rc<SocketAddrV6>),
}

const _: () = assert!(size_of::<Peer>() == 16, "every idle connection keeps two");

impl Peer {
    /// Its address, if it has one.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Unnamed => None,
            Self::V4(address) => Some(SocketAddr::V4(*address)),
            Self::V6(address) => Some(SocketAddr::V6(**address)),
        }
    }
}

impl From<Option<SocketAddr>> for Peer {
    fn from(address: Option<SocketAddr>) -> Self {
        match address {
            None => Self::Unnamed,
            Some(SocketAddr::V4(address)) => Self::V4(address),
            Some(SocketAddr::V6(address)) => Self::V6(Rc::new(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_the_address_it_was_made_of() {
        for address in ["127.0.0.1:80", "[::1]:65535", "[fe80::1%7]:1"] {
            let address: SocketAddr = address.parse().expect("it is an address");
            assert_eq!(Peer::from(Some(address)).address(), Some(address));
        }
        assert_eq!(Peer::from(None).address(), None);
    }
}
