//! The four parameters of permessage-deflate as they stand in a header (RFC 7692, section 7.1).

use std::borrow::Cow;

use super::WindowBits;
use crate::protocol::websocket::handshake::Extension;

/// The name of the extension.
pub const NAME: &str = "permessage-deflate";

pub(super) const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
pub(super) const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
pub(super) const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
pub(super) const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// What a header says of them, offered or accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    pub server_no_context_takeover: bool,
    pub client_no_context_takeover: bool,
    pub server_max_window_bits: Option<u8>,
    /// `Some(None)` without a value.
    pub client_max_window_bits: Option<Option<u8>>,
}

/// Why the parameters of an offer or an answer cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterFault {
    /// It is none of the four.
    #[error("extension parameter `{0}` means nothing to permessage-deflate")]
    Unknown(String),
    /// It comes twice.
    #[error("extension parameter `{0}` is said twice")]
    Twice(&'static str),
    /// It has a value, which it cannot have.
    #[error("extension parameter `{name}` has the value `{value}`; it takes none")]
    Value {
        /// Which parameter.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// It has no value, which it must have.
    #[error("extension parameter `{0}` has no value; it takes a number of bits, 9 to 15")]
    NoValue(&'static str),
    /// Its value is no number of bits that a window has.
    #[error("extension parameter `{name}` is `{value}`; it takes a number of bits, 9 to 15")]
    WindowBits {
        /// Which parameter.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// A server answers with more bits than it was offered.
    #[error("server accepts with `{name}={bits}`; at most {max} was offered")]
    Wider {
        /// Which parameter.
        name: &'static str,
        /// Its value.
        bits: u8,
        /// What was offered.
        max: WindowBits,
    },
    /// A server asks for what it was not offered.
    #[error("server accepts with `{0}`, which was not offered")]
    NotOffered(&'static str),
    /// A server leaves out what its client asked for.
    #[error("server accepts without `{0}`, which was asked for")]
    NotKept(&'static str),
}

impl Parameters {
    /// Reads the parameters of an extension.
    ///
    /// # Errors
    /// A [`ParameterFault`] for one that is unknown, comes twice or has a wrong value
    /// (sections 7.1.1 and 7.1.2).
    pub fn read(extension: &Extension<'_>) -> Result<Self, ParameterFault> {
        let mut read = Self::default();
        for parameter in &extension.parameters {
            let value = &parameter.value;
            match parameter.name {
                SERVER_NO_CONTEXT_TAKEOVER => {
                    let name = SERVER_NO_CONTEXT_TAKEOVER;
                    set(&mut read.server_no_context_takeover, name, value)?;
                }
                CLIENT_NO_CONTEXT_TAKEOVER => {
                    let name = CLIENT_NO_CONTEXT_TAKEOVER;
                    set(&mut read.client_no_context_takeover, name, value)?;
                }
                SERVER_MAX_WINDOW_BITS => {
                    let name = SERVER_MAX_WINDOW_BITS;
                    let value = value.as_ref().ok_or(ParameterFault::NoValue(name))?;
                    put(&mut read.server_max_window_bits, name, bits(name, value)?)?;
                }
                CLIENT_MAX_WINDOW_BITS => {
                    let name = CLIENT_MAX_WINDOW_BITS;
                    let value = value.as_ref().map(|value| bits(name, value)).transpose()?;
                    put(&mut read.client_max_window_bits, name, value)?;
                }
                unknown => return Err(ParameterFault::Unknown(unknown.to_owned())),
            }
        }
        Ok(read)
    }

    /// Appends the extension with these parameters.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(NAME.as_bytes());
        let mut put = |name: &str, value: Option<u8>| {
            out.extend_from_slice(b"; ");
            out.extend_from_slice(name.as_bytes());
            if let Some(bits) = value {
                out.extend_from_slice(format!("={bits}").as_bytes());
            }
        };
        if self.server_no_context_takeover {
            put(SERVER_NO_CONTEXT_TAKEOVER, None);
        }
        if self.client_no_context_takeover {
            put(CLIENT_NO_CONTEXT_TAKEOVER, None);
        }
        if let Some(bits) = self.server_max_window_bits {
            put(SERVER_MAX_WINDOW_BITS, Some(bits));
        }
        if let Some(bits) = self.client_max_window_bits {
            put(CLIENT_MAX_WINDOW_BITS, bits);
        }
    }
}

fn set(
    flag: &mut bool,
    name: &'static str,
    value: &Option<Cow<'_, str>>,
) -> Result<(), ParameterFault> {
    if let Some(value) = value {
        return Err(ParameterFault::Value { name, value: value.to_string() });
    }
    if std::mem::replace(flag, true) {
        return Err(ParameterFault::Twice(name));
    }
    Ok(())
}

fn put<T>(place: &mut Option<T>, name: &'static str, value: T) -> Result<(), ParameterFault> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(ParameterFault::Twice(name)),
    }
}

/// A decimal number from 8 to 15 without leading zeros (section 7.1.2).
fn bits(name: &'static str, value: &str) -> Result<u8, ParameterFault> {
    let bits = (8..=15).find(|bits: &u8| bits.to_string() == value);
    bits.ok_or_else(|| ParameterFault::WindowBits { name, value: value.to_owned() })
}
