//! What a callback asked for: recorded while it runs, applied when it has returned.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::roll::Entry;
use super::{DeferError, Drain, Publishing, Subscription};

/// One thing a callback asked of the loop or of others.
pub(crate) enum Effect {
    /// Arm a timer the context minted; `period` makes it periodic.
    Arm { timer: Timer, delay: Duration, is_periodic: bool },
    /// Cancel it.
    Disarm { timer: Timer },
    /// Hear a channel from now on.
    Subscribe(Subscription),
    /// Hear it no more.
    Unsubscribe(Subscription),
    /// Be present on a channel.
    Enter(Entry),
    /// Be present on it no more.
    Leave { channel: Arc<str> },
    /// Deliver a message at settle.
    Publish(Publishing),
    /// Run a job off the loop, and come back with its result.
    Defer { reply: ReplyId, job: Job },
    /// Tell what the server holds.
    Measure { reply: ReplyId },
    /// Stop reading from the client.
    Pause,
    /// Read on.
    Resume,
    /// End the server in good order.
    Drain(Drain),
}

/// A timer of an action or a service, to cancel it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timer(pub(crate) u32);

/// The place a deferred result comes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReplyId(pub(crate) u32);

/// Work for another thread.
pub(crate) type Job = Box<dyn FnOnce() -> JobResult + Send>;

/// What it came to.
pub(crate) type JobResult = Box<dyn Any + Send>;

/// A result on its way back.
pub(crate) type Reply = Result<JobResult, DeferError>;
