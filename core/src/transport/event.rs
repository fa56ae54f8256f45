//! An event: what an action renders and what anyone publishes.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

/// Something to say, with what a transport may add to it: a name, an id, a retry time.
///
/// It borrows what it says; `render` encodes it at once, straight into what will be written.
///
/// ```
/// use std::time::Duration;
/// use crampon::action::Event;
///
/// let tick = Event::new("42").named("tick").id(7).retry(Duration::from_secs(3));
/// let json = Event::json(&[1, 2, 3]).named("numbers");
/// let pause = Event::retry_after(Duration::from_secs(10)); // a `retry` field alone
/// ```
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub(crate) payload: Payload<'a>,
    pub(crate) name: Option<Cow<'a, str>>,
    pub(crate) id: Option<Id<'a>>,
    pub(crate) retry: Option<Duration>,
    pub(crate) key: Option<Cow<'a, str>>,
    /// What it says is JSON, be it written already.
    pub(crate) is_json: bool,
}

/// What an event says.
#[derive(Clone)]
pub(crate) enum Payload<'a> {
    Text(Cow<'a, str>),
    Binary(Cow<'a, [u8]>),
    Json(&'a dyn WriteJson),
    Comment(Cow<'a, str>),
    Nothing,
}

impl<'a> Event<'a> {
    /// An event that says this text or these bytes.
    pub fn new(said: impl Into<Event<'a>>) -> Self {
        said.into()
    }

    /// An event that says `value` as JSON; it is serialised where it is rendered, into the wire's
    /// own buffer. A value that cannot be JSON (a map whose keys are not text) fails the callback.
    pub fn json<T: Serialize>(value: &'a T) -> Self {
        Self { is_json: true, ..Self::of(Payload::Json(value)) }
    }

    /// An event that says these bytes, binary even if they are text. SSE has no binary events.
    pub fn binary(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::of(Payload::Binary(bytes.into()))
    }

    /// A comment: SSE carries it, and no listener hears it. The other transports leave it out.
    pub fn comment(text: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Payload::Comment(text.into()))
    }

    /// A `retry` field alone: how long an SSE client waits before it reconnects.
    pub fn retry_after(delay: Duration) -> Self {
        Self::of(Payload::Nothing).retry(delay)
    }

    pub(crate) fn of(payload: Payload<'a>) -> Self {
        Self { payload, name: None, id: None, retry: None, key: None, is_json: false }
    }

    /// Names the event: what `addEventListener` listens for.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Gives the event an id: what a reconnecting client sends as `Last-Event-ID`.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id<'a>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Says what the event is about, for channels of which the newest of each key counts. It is
    /// not sent.
    #[must_use]
    pub fn key(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Says how long a client waits before it reconnects, in whole milliseconds.
    #[must_use]
    pub fn retry(mut self, delay: Duration) -> Self {
        self.retry = Some(delay);
        self
    }
}

impl Payload<'_> {
    /// Whether it is no answer to anyone: a comment, or nothing at all.
    pub(crate) fn says_nothing(&self) -> bool {
        matches!(self, Self::Comment(_) | Self::Nothing)
    }
}

/// A value that writes itself as JSON: any `Serialize`, behind a pointer.
pub(crate) trait WriteJson {
    fn write(&self, out: &mut dyn io::Write) -> serde_json::Result<()>;
}

impl<T: Serialize> WriteJson for T {
    fn write(&self, out: &mut dyn io::Write) -> serde_json::Result<()> {
        serde_json::to_writer(out, self)
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
            Self::Json(_) => f.write_str("Json(..)"),
            Self::Comment(text) => f.debug_tuple("Comment").field(text).finish(),
            Self::Nothing => f.write_str("Nothing"),
        }
    }
}

macro_rules! text_events {
    ($($from:ty => |$said:ident| $text:expr;)*) => { $(
        impl<'a> From<$from> for Event<'a> {
            fn from($said: $from) -> Self {
                Self::of(Payload::Text($text))
            }
        }
    )* };
}
text_events! {
    &'a str => |said| Cow::Borrowed(said);
    &'a String => |said| Cow::Borrowed(said);
    String => |said| Cow::Owned(said);
    Cow<'a, str> => |said| said;
}

macro_rules! binary_events {
    ($($from:ty => |$said:ident| $bytes:expr;)*) => { $(
        impl<'a> From<$from> for Event<'a> {
            fn from($said: $from) -> Self {
                Self::of(Payload::Binary($bytes))
            }
        }
    )* };
}
binary_events! {
    &'a [u8] => |said| Cow::Borrowed(said);
    &'a Vec<u8> => |said| Cow::Borrowed(said);
    Vec<u8> => |said| Cow::Owned(said);
    &'a Bytes => |said| Cow::Borrowed(said);
}

/// The id of an event: a number or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id<'a>(Spelling<'a>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Spelling<'a> {
    Number { is_negative: bool, magnitude: u64 },
    Text(Cow<'a, str>),
}

impl Id<'_> {
    /// Hands the spelling to `with`, without allocating.
    pub(crate) fn spelled<T>(&self, with: impl FnOnce(&str) -> T) -> T {
        match &self.0 {
            Spelling::Text(text) => with(text),
            Spelling::Number { is_negative, magnitude } => {
                // 20 digits of u64::MAX and a sign.
                let mut digits = [0; 21];
                let mut at = digits.len();
                let mut rest = *magnitude;
                loop {
                    at -= 1;
                    digits[at] = b'0' + (rest % 10) as u8;
                    rest /= 10;
                    if rest == 0 {
                        break;
                    }
                }
                if *is_negative {
                    at -= 1;
                    digits[at] = b'-';
                }
                with(std::str::from_utf8(&digits[at..]).expect("digits are ASCII"))
            }
        }
    }
}

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spelled(|text| f.write_str(text))
    }
}

macro_rules! number_ids {
    ($($number:ty)*) => { $(
        impl From<$number> for Id<'_> {
            #[allow(unused_comparisons, reason = "one body serves signed and unsigned numbers")]
            fn from(number: $number) -> Self {
                let magnitude = (number as i128).unsigned_abs() as u64;
                Self(Spelling::Number { is_negative: number < 0, magnitude })
            }
        }
    )* };
}
number_ids! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }

impl<'a> From<&'a str> for Id<'a> {
    fn from(text: &'a str) -> Self {
        Self(Spelling::Text(Cow::Borrowed(text)))
    }
}

impl<'a> From<&'a String> for Id<'a> {
    fn from(text: &'a String) -> Self {
        Self(Spelling::Text(Cow::Borrowed(text)))
    }
}

impl From<String> for Id<'_> {
    fn from(text: String) -> Self {
        Self(Spelling::Text(Cow::Owned(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_spelled_as_their_numbers_are() {
        assert_eq!(Id::from(0).to_string(), "0");
        assert_eq!(Id::from(u64::MAX).to_string(), u64::MAX.to_string());
        assert_eq!(Id::from(i64::MIN).to_string(), i64::MIN.to_string());
        assert_eq!(Id::from("epoch-7").to_string(), "epoch-7");
    }
}
