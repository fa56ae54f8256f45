//! What two sides have agreed on: the answer to an offer (RFC 7692, section 7.1).

use super::parameters::{self, ParameterFault, Parameters};
use super::{Offer, WindowBits};
use crate::protocol::websocket::Role;
use crate::protocol::websocket::handshake::Extension;

/// How the messages of a connection are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// The server compresses each message by itself.
    pub server_no_context_takeover: bool,
    /// The client compresses each message by itself.
    pub client_no_context_takeover: bool,
    /// How far the server points back at the most, if that is said.
    pub server_max_window_bits: Option<WindowBits>,
    /// How far the client points back at the most, if that is said.
    pub client_max_window_bits: Option<WindowBits>,
}

/// One direction of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// Whether a message may point back into those before it.
    pub takes_over: bool,
    /// How far a message may point back.
    pub window_bits: WindowBits,
}

impl Agreement {
    /// What is agreed for the messages that this side sends.
    pub fn sent_by(&self, role: Role) -> Direction {
        let (is_anew, window_bits) = match role {
            Role::Server => (self.server_no_context_takeover, self.server_max_window_bits),
            Role::Client => (self.client_no_context_takeover, self.client_max_window_bits),
        };
        Direction { takes_over: !is_anew, window_bits: window_bits.unwrap_or_default() }
    }

    /// Reads a server's answer to an offer.
    ///
    /// A server's window of 8 bits counts as 9: who inflates may keep more than is pointed to.
    ///
    /// # Errors
    /// A [`ParameterFault`], upon which the client must fail the connection: a parameter that is
    /// no answer to the offer, or none at all.
    pub fn read(extension: &Extension<'_>, offer: &Offer) -> Result<Self, ParameterFault> {
        let read = Parameters::read(extension)?;
        if offer.server_no_context_takeover && !read.server_no_context_takeover {
            return Err(ParameterFault::NotKept(parameters::SERVER_NO_CONTEXT_TAKEOVER));
        }
        Ok(Self {
            server_no_context_takeover: read.server_no_context_takeover,
            client_no_context_takeover: read.client_no_context_takeover,
            server_max_window_bits: server_window(&read, offer)?,
            client_max_window_bits: client_window(&read, offer)?,
        })
    }

    /// Appends the agreement as it stands in the server's `Sec-WebSocket-Extensions`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let parameters = Parameters {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits.map(WindowBits::get),
            client_max_window_bits: self.client_max_window_bits.map(|bits| Some(bits.get())),
        };
        parameters.write(out);
    }
}

/// How far the server says it points back: no further than it was asked to (section 7.1.2.1).
fn server_window(read: &Parameters, offer: &Offer) -> Result<Option<WindowBits>, ParameterFault> {
    let name = parameters::SERVER_MAX_WINDOW_BITS;
    match (read.server_max_window_bits, offer.server_max_window_bits) {
        (None, Some(_)) => Err(ParameterFault::NotKept(name)),
        (Some(bits), Some(max)) if bits > max.get() => {
            Err(ParameterFault::Wider { name, bits, max })
        }
        (Some(bits), _) => Ok(WindowBits::new(bits.max(WindowBits::MIN.get()))),
        (None, None) => Ok(None),
    }
}

/// How far the server asks the client to point back: only one that has offered to be asked, and
/// no further than it offered (section 7.1.2.2).
fn client_window(read: &Parameters, offer: &Offer) -> Result<Option<WindowBits>, ParameterFault> {
    let name = parameters::CLIENT_MAX_WINDOW_BITS;
    match (read.client_max_window_bits, offer.client_max_window_bits) {
        (None, offered) => Ok(offered.filter(|bits| *bits < WindowBits::MAX)),
        (Some(_), None) => Err(ParameterFault::NotOffered(name)),
        (Some(None), _) => Err(ParameterFault::NoValue(name)),
        (Some(Some(bits)), Some(max)) => match WindowBits::new(bits) {
            Some(window) if window <= max => Ok(Some(window)),
            Some(_) => Err(ParameterFault::Wider { name, bits, max }),
            None => Err(ParameterFault::WindowBits { name, value: bits.to_string() }),
        },
    }
}
