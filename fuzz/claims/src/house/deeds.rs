//! Deeds: what an action is told to do, as text short enough for a query or a message.
//!
//! A deed is a letter and a number: `s100.p3.a500.f` says 100 bytes, publishes on channel 3, and
//! finishes half a second later.

use crampon::prelude::*;

/// The channels of a house, one for each way to keep the past and to treat slow readers.
pub static CHANNELS: [Channel; 6] = [
    Channel::new("plain"),
    Channel::new("kept").history(20),
    Channel::new("oldest").history(20).overflow(Overflow::DropOldest),
    Channel::new("newest").history(20).overflow(Overflow::DropNewest),
    Channel::new("latest").history(20).overflow(Overflow::Latest),
    Channel::new("source"),
];

/// What is said on it, the relay says again.
pub const SOURCE: usize = 5;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Renders so many bytes of text.
    Say(usize),
    /// Renders so many bytes that are no text.
    SayBinary(usize),
    /// Publishes on a channel.
    Publish(usize),
    /// Publishes something long on a channel.
    PublishMuch(usize),
    /// Subscribes to a channel.
    Subscribe(usize),
    /// Unsubscribes from a channel.
    Unsubscribe(usize),
    /// Is present under one of a few names.
    Enter(usize),
    /// Is present no more.
    Leave,
    /// Watches who is present.
    Watch,
    /// Does the rest after so many milliseconds.
    After(u64),
    /// Does the rest when deferred work is done.
    Defer,
    /// Does the rest when deferred work has panicked.
    DeferInVain,
    /// Says something every so many milliseconds.
    Every(u64),
    /// Hears nothing for so many milliseconds.
    Pause(u64),
    /// Sets the status.
    Status(u16),
    /// Finishes.
    Finish,
    /// Closes with a code.
    Close(u16),
    /// Returns an error.
    Fail,
    /// Panics.
    Panic,
}

impl Deed {
    /// Reads what is to be done; what makes no sense is left out.
    pub fn read(text: &str) -> impl DoubleEndedIterator<Item = Self> {
        text.split('.').filter_map(Self::read_one)
    }

    fn read_one(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        let letter = letters.next()?;
        let number: u64 = letters.as_str().parse().unwrap_or(0);
        let channel = number as usize % CHANNELS.len();
        // Short enough that no action says much more at once than an outbox takes.
        let bytes = number as usize % BYTES_END;
        Some(match letter {
            's' => Self::Say(bytes),
            'b' => Self::SayBinary(bytes),
            'p' => Self::Publish(channel),
            'P' => Self::PublishMuch(channel),
            'c' => Self::Subscribe(channel),
            'u' => Self::Unsubscribe(channel),
            'e' => Self::Enter(number as usize % 4),
            'l' => Self::Leave,
            'w' => Self::Watch,
            'a' => Self::After(number % 100_000),
            'd' => Self::Defer,
            'D' => Self::DeferInVain,
            't' => Self::Every(20 + number % 10_000),
            'h' => Self::Pause(number % 10_000),
            'i' => Self::Status(200 + (number % 300) as u16),
            'f' => Self::Finish,
            'k' => Self::Close(1000 + (number % 4000) as u16),
            'r' => Self::Fail,
            'x' => Self::Panic,
            _ => return None,
        })
    }
}

/// Unwinds as a panic does, without a word on standard error: it is meant.
pub fn panic_as_told() -> ! {
    std::panic::resume_unwind(Box::new("a panic as told"))
}

/// Bytes one deed may say, and no more than this less one.
const BYTES_END: usize = 5_000;
