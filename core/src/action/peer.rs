//! A peer: the other end of a connection by its address, in ten bytes.
//!
//! A `SocketAddr` takes three times that, and every idle connection keeps two.

use std::fmt;
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// On a Unix socket, or told by nobody.
    Unnamed,
    V4(SocketAddrV4),
    V6(Boxed),
}

const _: () = assert!(size_of::<Peer>() == 10, "every idle connection keeps two");

/// An address of the sixth version, boxed for it is longer.
///
/// It lies at any even address, as those of the fourth version do.
#[repr(Rust, packed(2))]
pub(crate) struct Boxed(Box<SocketAddrV6>);

impl Peer {
    /// Its address, if it has one.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Unnamed => None,
            Self::V4(address) => Some(SocketAddr::V4(*address)),
            Self::V6(address) => Some(SocketAddr::V6(address.address())),
        }
    }
}

impl Boxed {
    fn address(&self) -> SocketAddrV6 {
        *self.0
    }
}

impl Clone for Boxed {
    fn clone(&self) -> Self {
        Self(Box::new(self.address()))
    }
}

impl PartialEq for Boxed {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl Eq for Boxed {}

impl fmt::Debug for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address().fmt(f)
    }
}

impl From<Option<SocketAddr>> for Peer {
    fn from(address: Option<SocketAddr>) -> Self {
        match address {
            None => Self::Unnamed,
            Some(SocketAddr::V4(address)) => Self::V4(address),
            Some(SocketAddr::V6(address)) => Self::V6(Boxed(Box::new(address))),
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
