//! How the messages to one viewer are compressed: what was agreed with it, and what that takes.

use std::num::NonZeroU16;

use super::Wire;
use crate::protocol::websocket::Role;
use crate::protocol::websocket::deflate::{Agreement, Direction, WindowBits};

/// An agreement in two bytes: every idle connection has the place for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackedAgreement(NonZeroU16);

/// Set in all, so that none is zero.
const PACKED: NonZeroU16 = NonZeroU16::new(1 << 15).expect("it is not 0");
const SERVER_ANEW: u16 = 1 << 8;
const CLIENT_ANEW: u16 = 1 << 9;

impl From<Agreement> for PackedAgreement {
    fn from(agreement: Agreement) -> Self {
        let bits = |bits: Option<WindowBits>| bits.map_or(0, |bits| u16::from(bits.get()));
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let packed = bits(agreement.server_max_window_bits)
            | bits(agreement.client_max_window_bits) << 4
            | flag(agreement.server_no_context_takeover, SERVER_ANEW)
            | flag(agreement.client_no_context_takeover, CLIENT_ANEW);
        Self(PACKED | packed)
    }
}

impl From<PackedAgreement> for Agreement {
    fn from(PackedAgreement(packed): PackedAgreement) -> Self {
        let packed = packed.get();
        let bits = |at: u16| WindowBits::new((packed >> at) as u8 & 0xf);
        Self {
            server_no_context_takeover: packed & SERVER_ANEW != 0,
            client_no_context_takeover: packed & CLIENT_ANEW != 0,
            server_max_window_bits: bits(0),
            client_max_window_bits: bits(4),
        }
    }
}

impl Wire {
    /// How its messages are compressed; `None` if they are not.
    pub fn agreement(&self) -> Option<Agreement> {
        self.agreed.map(Agreement::from)
    }

    /// Whether its messages are compressed.
    pub fn deflates(&self) -> bool {
        self.agreed.is_some()
    }

    /// What was agreed for the messages of one side.
    pub fn deflating(&self, side: Role) -> Option<Direction> {
        self.agreement().map(|agreement| agreement.sent_by(side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agreement_survives_packing() {
        let windows = || (8..=15).map(WindowBits::new);
        for (server, client) in windows().flat_map(|it| windows().map(move |other| (it, other))) {
            for flags in 0..4 {
                let agreement = Agreement {
                    server_no_context_takeover: flags & 1 != 0,
                    client_no_context_takeover: flags & 2 != 0,
                    server_max_window_bits: server,
                    client_max_window_bits: client,
                };
                assert_eq!(Agreement::from(PackedAgreement::from(agreement)), agreement);
            }
        }
    }
}
