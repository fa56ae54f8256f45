//! A handle: the way to a handler from anywhere, any thread.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::mailbox::{Call, Mailbox};
use super::{Handler, Key, Scope};

/// The way to one handler, shared by all its handles.
pub(super) struct Line {
    pub(super) key: Key,
    pub(super) mailbox: Arc<Mailbox>,
    is_open: AtomicBool,
}

impl Line {
    pub(super) fn new(key: Key, mailbox: Arc<Mailbox>) -> Self {
        Self { key, mailbox, is_open: AtomicBool::new(true) }
    }

    /// Ends the line: its handler has gone.
    pub(super) fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }
}

/// A handler of type `H`, wherever it lives: posts go to it on its loop's thread.
pub struct Handle<H> {
    pub(super) line: Arc<Line>,
    handler: PhantomData<fn(&mut H)>,
}

impl<H> Clone for Handle<H> {
    fn clone(&self) -> Self {
        Self { line: Arc::clone(&self.line), handler: PhantomData }
    }
}

impl<H> fmt::Debug for Handle<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.line.key).finish()
    }
}

impl<H: Handler> Handle<H> {
    pub(super) fn new(line: Arc<Line>) -> Self {
        Self { line, handler: PhantomData }
    }

    /// Has `errand` done to the handler on the loop's thread, in its next round of calls.
    ///
    /// Calls are made in the order they were posted. Any number of them wakes the loop once. A
    /// call whose handler goes before its turn is dropped.
    ///
    /// # Errors
    /// [`PostError::Gone`] if the handler or its loop is known to have gone; [`PostError::Full`] if
    /// as many calls wait as [`Settings::calls_max`](super::Settings::calls_max) allows.
    pub fn post(
        &self,
        errand: impl FnOnce(&mut H, &mut Scope<'_>) + Send + 'static,
    ) -> Result<(), PostError> {
        self.line.mailbox.post(self.call(errand)?)
    }

    /// As [`post`](Self::post), however many calls wait: for what is asked once, and must be heard
    /// by a loop that is behind too.
    ///
    /// # Errors
    /// [`PostError::Gone`] if the handler or its loop is known to have gone.
    pub(crate) fn insist(
        &self,
        errand: impl FnOnce(&mut H, &mut Scope<'_>) + Send + 'static,
    ) -> Result<(), PostError> {
        self.line.mailbox.leave(self.call(errand)?)
    }

    fn call(
        &self,
        errand: impl FnOnce(&mut H, &mut Scope<'_>) + Send + 'static,
    ) -> Result<Call, PostError> {
        if !self.line.is_open.load(Ordering::Relaxed) {
            return Err(PostError::Gone);
        }
        let errand = Box::new(move |handler: &mut dyn Handler, scope: &mut Scope<'_>| {
            errand(downcast(handler), scope);
        });
        Ok(Call { to: self.line.key, errand })
    }
}

/// The handler as what its handle says it is.
pub(super) fn downcast<H: Handler>(handler: &mut dyn Handler) -> &mut H {
    let handler: &mut dyn Any = handler;
    handler.downcast_mut().expect("a `Handle<H>` is minted for a handler of type `H` only")
}

/// Why a call was not posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostError {
    /// The handler, or the loop it lived on, has gone.
    #[error("the handler has gone, or the loop it lived on")]
    Gone,
    /// The loop is behind: as many calls wait for it as may.
    #[error("the loop is behind: `{waiting}` calls wait for it, and at most that many may")]
    Full {
        /// The calls that wait.
        waiting: usize,
    },
}
