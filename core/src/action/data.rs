//! What arrives for `#[on_data]`, and how it becomes the type a callback asks for.

use std::fmt;

use serde::de::DeserializeOwned;

use super::{Halt, Message};

/// One message or body as it arrived, borrowed from the loop's read buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// A request body, which is whatever its bytes are.
    Body(&'a [u8]),
}

impl<'a> Data<'a> {
    /// The bytes, whatever the kind.
    pub fn bytes(&self) -> &'a [u8] {
        match *self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) | Self::Body(bytes) => bytes,
        }
    }
}

/// A part of a long message or body, for `#[on_data(stream)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The bytes; a text message may be cut inside a character.
    pub bytes: &'a [u8],
    /// Whether the message is text; its bytes are valid UTF-8 once joined.
    pub is_text: bool,
    /// Whether this part ends the message or body.
    pub is_last: bool,
}

/// A value read from JSON text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// What a callback of `#[on_data]` may ask for.
#[diagnostic::on_unimplemented(
    message = "`#[on_data]` cannot hand over `{Self}`",
    label = "not something `#[on_data]` hands over",
    note = "take `&str`, `&[u8]`, `Data<'_>`, `Message`, `Json<T>` or `Result<Json<T>, Rejection>`"
)]
pub trait FromData<'a>: Sized {
    /// Makes the argument of what arrived.
    ///
    /// # Errors
    /// [`Rejection::Binary`] if it is binary and text was asked for (a socket closes with 1003);
    /// [`Rejection::Utf8`] if a body is not UTF-8; [`Rejection::Json`] if it does not read as the
    /// value asked for (1007, or 400 elsewhere).
    fn from_data(data: Data<'a>) -> Result<Self, Rejection>;
}

impl<'a> FromData<'a> for Data<'a> {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        Ok(data)
    }
}

impl<'a> FromData<'a> for &'a str {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        match data {
            Data::Text(text) => Ok(text),
            Data::Binary(_) => Err(Rejection::Binary),
            Data::Body(bytes) => std::str::from_utf8(bytes)
                .map_err(|error| Rejection::Utf8 { at: error.valid_up_to() }),
        }
    }
}

impl<'a> FromData<'a> for String {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        <&str>::from_data(data).map(str::to_owned)
    }
}

impl<'a> FromData<'a> for &'a [u8] {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        Ok(data.bytes())
    }
}

impl<'a> FromData<'a> for Vec<u8> {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        Ok(data.bytes().to_vec())
    }
}

impl<'a> FromData<'a> for Message {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        Ok(match data {
            Data::Text(text) => Self::text(text),
            Data::Binary(bytes) => Self::binary(bytes),
            Data::Body(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Self::text(text),
                Err(_) => Self::binary(bytes),
            },
        })
    }
}

impl<'a, T: DeserializeOwned> FromData<'a> for Json<T> {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        let text = <&str>::from_data(data)?;
        serde_json::from_str(text)
            .map(Json)
            .map_err(|error| Rejection::Json { error: error.to_string() })
    }
}

impl<'a, T: FromData<'a>> FromData<'a> for Result<T, Rejection> {
    fn from_data(data: Data<'a>) -> Result<Self, Rejection> {
        Ok(T::from_data(data))
    }
}

/// Why what arrived could not be handed to `#[on_data]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// A binary message where text is taken.
    Binary,
    /// A body that is not UTF-8 where text is taken.
    Utf8 {
        /// The first byte that is not, counted from zero.
        at: usize,
    },
    /// Text that is not the JSON asked for.
    Json {
        /// What the parser said.
        error: String,
    },
}

impl Rejection {
    /// The code a WebSocket is closed with (RFC 6455, section 7.4.1).
    pub fn close_code(&self) -> u16 {
        match self {
            Self::Binary => 1003,
            Self::Utf8 { .. } | Self::Json { .. } => 1007,
        }
    }
}

/// The answer to a body that was rejected.
pub(super) fn refusal(rejection: &Rejection) -> Halt {
    Halt::new(400, format!("{rejection}\n")).header("content-type", "text/plain; charset=utf-8")
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary => f.write_str("a binary message arrived where text is taken"),
            Self::Utf8 { at } => write!(f, "the body is not UTF-8 from byte {at} on"),
            Self::Json { error } => write!(f, "the JSON does not read as expected: {error}"),
        }
    }
}

impl std::error::Error for Rejection {}
