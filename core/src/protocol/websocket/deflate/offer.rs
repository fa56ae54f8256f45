//! What a client offers: one permessage-deflate among its extensions (RFC 7692, section 7.1).

use super::parameters::{self, NAME, ParameterFault, Parameters};
use super::{Agreement, WindowBits};
use crate::protocol::websocket::handshake::Extension;

/// One offer of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The server is asked to compress each message by itself.
    pub server_no_context_takeover: bool,
    /// The client hints that it will compress each message by itself.
    pub client_no_context_takeover: bool,
    /// The server is asked to point back no further than this.
    pub server_max_window_bits: Option<WindowBits>,
    /// The client can be asked to point back no further than some limit, and will not point
    /// further than this.
    pub client_max_window_bits: Option<WindowBits>,
}

/// What a server brings to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Whether it keeps what one message leaves behind for the next, both ways.
    pub takes_over: bool,
    /// The largest window it keeps, each way, if it keeps one.
    pub window_bits_max: WindowBits,
}

impl Offer {
    /// Reads an offer of permessage-deflate.
    ///
    /// # Errors
    /// A [`ParameterFault`], upon which the offer is declined; so is a window of 8 bits.
    pub fn read(extension: &Extension<'_>) -> Result<Self, ParameterFault> {
        let read = Parameters::read(extension)?;
        let window = |name, bits: Option<u8>| match bits.map(|bits| (bits, WindowBits::new(bits))) {
            None => Ok(None),
            Some((_, Some(bits))) => Ok(Some(bits)),
            Some((bits, None)) => Err(ParameterFault::WindowBits { name, value: bits.to_string() }),
        };
        // Without a value the client says that it can be asked, and no more.
        let client_bits =
            read.client_max_window_bits.map(|bits| bits.unwrap_or(WindowBits::MAX.get()));
        Ok(Self {
            server_no_context_takeover: read.server_no_context_takeover,
            client_no_context_takeover: read.client_no_context_takeover,
            server_max_window_bits: window(
                parameters::SERVER_MAX_WINDOW_BITS,
                read.server_max_window_bits,
            )?,
            client_max_window_bits: window(parameters::CLIENT_MAX_WINDOW_BITS, client_bits)?,
        })
    }

    /// What both sides keep to if a server with these terms accepts.
    pub fn accept(&self, terms: &Terms) -> Agreement {
        let Terms { takes_over, window_bits_max } = *terms;
        let asked = self.server_max_window_bits;
        let server_bits = asked.map_or(window_bits_max, |asked| asked.min(window_bits_max));
        let client_bits = self.client_max_window_bits.map(|offered| offered.min(window_bits_max));
        Agreement {
            server_no_context_takeover: self.server_no_context_takeover || !takes_over,
            client_no_context_takeover: self.client_no_context_takeover || !takes_over,
            // What is asked for is said again; what is not asked for is said if it is news.
            server_max_window_bits: Some(server_bits)
                .filter(|bits| asked.is_some() || *bits < WindowBits::MAX),
            client_max_window_bits: client_bits
                .filter(|bits| takes_over && *bits < WindowBits::MAX),
        }
    }

    /// Appends the offer as it stands in `Sec-WebSocket-Extensions`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let without_value = |bits: WindowBits| Some(bits.get()).filter(|bits| *bits < 15);
        let parameters = Parameters {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits.map(WindowBits::get),
            client_max_window_bits: self.client_max_window_bits.map(without_value),
        };
        parameters.write(out);
    }
}

/// Agrees to the first of a client's extensions that is permessage-deflate on terms a server can
/// keep; those that are not are passed over (RFC 7692, section 5.1).
pub fn agree<'e, 'h: 'e>(
    extensions: impl IntoIterator<Item = &'e Extension<'h>>,
    terms: &Terms,
) -> Option<Agreement> {
    extensions
        .into_iter()
        .filter(|extension| extension.name == NAME)
        .find_map(|extension| Offer::read(extension).ok())
        .map(|offer| offer.accept(terms))
}
