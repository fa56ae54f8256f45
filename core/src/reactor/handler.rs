//! What lives on the loop: it owns its sources and is called when something happens to them.

use std::any::Any;
use std::mem;

use super::commons::{Change, Commons};
use super::{Scope, Source, Timer};

/// Something that lives on the loop and is called when its sources, timers or callers want it.
///
/// A handler owns its sources and is lent a [`Scope`] for one call. It is called in a fixed order
/// within each round: events, timers, calls from other threads, and last `settle`. A panic in it
/// is not caught.
pub trait Handler: Any {
    /// Hears of an event on one of the handler's sources.
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>);

    /// Hears that a timer has come due; `key` is what it was armed with.
    fn expired(&mut self, timer: Timer, key: u64, scope: &mut Scope<'_>) {
        let _ = (timer, key, scope);
    }

    /// Ends a round in which the handler was called: the place to flush what it has gathered.
    fn settle(&mut self, scope: &mut Scope<'_>) {
        let _ = scope;
    }
}

/// What happened to a source.
///
/// Events are edges: one comes when something changes, and not again until it changes once more.
/// Whoever stops before the source would block asks for [`Scope::revisit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The source, as its registration named it.
    pub source: Source,
    /// The key it was registered under.
    pub key: usize,
    /// There is something to read, an end or an error included.
    pub readable: bool,
    /// There is room to write, or writing would fail at once.
    pub writable: bool,
    /// The other side sends no more: what it sent before is still to be read, up to its end.
    pub read_closed: bool,
    /// The other side takes no more.
    pub write_closed: bool,
    /// The source has failed.
    pub error: bool,
    /// The handler had asked to be called without an event.
    pub revisited: bool,
}

impl Readiness {
    /// Whether there is room to write, and nothing else has happened.
    pub(crate) fn is_of_room_alone(&self) -> bool {
        let Self { readable, read_closed, write_closed, error, revisited, .. } = *self;
        self.writable && !(readable || read_closed || write_closed || error || revisited)
    }

    /// The visit of a source to which nothing has happened.
    pub(super) fn revisit(source: Source) -> Self {
        Self { revisited: true, ..Self::of(source) }
    }

    /// An event in which nothing has happened yet; its key is filled in when it is handed over.
    pub(super) fn of(source: Source) -> Self {
        Self {
            source,
            key: 0,
            readable: false,
            writable: false,
            read_closed: false,
            write_closed: false,
            error: false,
            revisited: false,
        }
    }
}

/// A handler's place, and the generation that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

/// The handlers themselves, each in the place the roster gave it.
pub(super) struct Handlers(Vec<Option<Box<dyn Handler>>>);

impl Handlers {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Calls a handler and then applies what it asked for; `None` if it has gone.
    pub(super) fn call<T>(
        &mut self,
        to: Key,
        commons: &mut Commons,
        errand: impl FnOnce(&mut dyn Handler, &mut Scope<'_>) -> T,
    ) -> Option<T> {
        if !commons.roster.touch(to) {
            return None;
        }
        let handler = self.0[to.slot as usize].as_mut().expect("who is on the roster is here");
        let looked = commons.looked.take();
        let value = errand(&mut **handler, &mut Scope::new(commons, to, looked));
        if !commons.changes.is_empty() {
            self.apply_changes(commons);
        }
        Some(value)
    }

    /// Lets in those who were added and drops those who are done.
    pub(super) fn apply_changes(&mut self, commons: &mut Commons) {
        for change in mem::take(&mut commons.changes) {
            match change {
                Change::Arrives(key, handler) if commons.roster.is_living(key) => {
                    let place = key.slot as usize;
                    self.0.resize_with(self.0.len().max(place + 1), || None);
                    self.0[place] = Some(handler);
                }
                Change::Arrives(..) => {}
                Change::Leaves(key) => {
                    if commons.dismiss(key) {
                        self.0.get_mut(key.slot as usize).map(Option::take);
                    }
                }
            }
        }
    }
}
