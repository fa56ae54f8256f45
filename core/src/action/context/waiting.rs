//! What waits: closures for their timers, and for the results of what was asked for.

use std::panic::Location;

use super::super::Outcome;
use super::super::effect::Reply;
use super::Context;

/// What waits in one session, by ids; the newest first.
///
/// A chain, for most sessions have nothing that waits, and eight bytes to say so.
pub(super) struct Waiting<A: 'static>(Option<Box<Link<A>>>);

/// One that waits, and those that came before it.
struct Link<A: 'static> {
    id: u32,
    place: &'static Location<'static>,
    what: Continuation<A>,
    next: Option<Box<Link<A>>>,
}

type Once<A> = dyn FnOnce(&mut A, &mut Context<A>) -> Outcome;
type Every<A> = dyn FnMut(&mut A, &mut Context<A>) -> Outcome;
type Replied<A> = dyn FnOnce(&mut A, &mut Context<A>, Reply) -> Outcome;

/// What a timer or a result goes on with.
pub(in super::super) enum Continuation<A: 'static> {
    Once(Box<Once<A>>),
    Every(Box<Every<A>>),
    /// What was asked for, as the log has it, and what its answer goes to.
    Reply(&'static str, Box<Replied<A>>),
}

impl<A> Default for Waiting<A> {
    fn default() -> Self {
        Self(None)
    }
}

impl<A> Waiting<A> {
    /// Puts one there under an id that no other has, with the place that made it wait.
    pub fn put(&mut self, id: u32, place: &'static Location<'static>, what: Continuation<A>) {
        let next = self.0.take();
        self.0 = Some(Box::new(Link { id, place, what, next }));
    }

    /// Takes the one under this id.
    pub fn take(&mut self, id: u32) -> Option<(&'static Location<'static>, Continuation<A>)> {
        let mut at = &mut self.0;
        while at.as_ref().is_some_and(|link| link.id != id) {
            at = &mut at.as_mut().expect("it was there just above").next;
        }
        let Link { place, what, next, .. } = *at.take()?;
        *at = next;
        Some((place, what))
    }

    /// Whether one of them is such.
    pub fn any(&self, is_such: impl Fn(&Continuation<A>) -> bool) -> bool {
        let links = std::iter::successors(self.0.as_deref(), |link| link.next.as_deref());
        links.into_iter().any(|link| is_such(&link.what))
    }
}

impl<A> Drop for Waiting<A> {
    /// One after another: a long chain dropped by itself would be as many calls deep.
    fn drop(&mut self) {
        let mut rest = self.0.take();
        while let Some(mut link) = rest {
            rest = link.next.take();
        }
    }
}
