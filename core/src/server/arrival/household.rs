//! A household: those who count as one because they share an address.
//!
//! An IPv6 customer has at least a /64 to choose addresses from (RFC 6177), so such a network is
//! one household; an IPv4 address is one, also when it is written as an IPv6 one.

use std::net::IpAddr;

/// An IPv4 address, or the first 64 bits of an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Household {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Household {
    /// The household of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_an_address_or_a_network_of_64_bits_is_one_household() {
        for (one, other, is_same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("::1", "127.0.0.1", false),
        ] {
            let [a, b] = [one, other].map(|text| Household::of(text.parse().expect("an address")));
            assert_eq!(a == b, is_same, "{one} and {other}");
        }
    }
}
