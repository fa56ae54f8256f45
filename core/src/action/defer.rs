//! Work off the loop, and what to do with its result.

use std::fmt;

use super::context::Continuation;
use super::effect::{Effect, Job, Reply};
use super::{Callbacks, Context, IntoOutcome};

/// Work about to be handed to a thread; [`then`](Deferred::then) says what becomes of the result.
#[must_use = "nothing runs until `.then(..)` says who takes the result"]
pub struct Deferred<'c, A: 'static, T> {
    pub(super) cx: &'c mut Context<A>,
    pub(super) job: Job,
    pub(super) _result: std::marker::PhantomData<fn() -> T>,
}

impl<A: Callbacks, T: Send + 'static> Deferred<'_, A, T> {
    /// Hands the work to a thread, and its result to `callback`, back on the loop.
    ///
    /// An action that has finished by then hears nothing.
    #[track_caller]
    pub fn then<R: IntoOutcome>(
        self,
        callback: impl FnOnce(&mut A, &mut Context<A>, Result<T, DeferError>) -> R + 'static,
    ) {
        let run = Box::new(move |action: &mut A, cx: &mut Context<A>, reply: Reply| {
            let result = reply.map(|result| {
                *result.downcast::<T>().expect("the job that made the result names its type")
            });
            callback(action, cx, result).into_outcome()
        });
        let reply = self.cx.await_reply(Continuation::Reply("a closure of `defer`", run));
        self.cx.desk.record(Effect::Defer { reply, job: self.job });
    }
}

/// Why deferred work has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeferError {
    /// All threads are busy and as many jobs wait as may wait.
    QueueFull,
    /// The work panicked, with this message.
    Panicked(String),
}

impl fmt::Display for DeferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull => f.write_str("the queue for deferred work is full"),
            Self::Panicked(text) => write!(f, "the deferred work panicked: {text}"),
        }
    }
}

impl std::error::Error for DeferError {}
