//! The drawer of a desk: what most sessions have nothing of, most of the time.
//!
//! It is there once there is something to put in: an idle connection has eight bytes for it.

use std::cell::RefCell;
use std::num::NonZeroU32;

use super::desk::{Desk, Ending, Refusal};
use crate::transport::Answer;

/// What few sessions have, by and by.
#[derive(Default)]
pub(crate) struct Drawer {
    /// What `set_status` and `set_header` said, until the head is out.
    answer: Answer,
    /// They said something.
    has_answer: bool,
    /// The words the action asked to end with.
    ending: Option<Ending>,
    /// A refusal made before the head, for the host to answer with.
    pub refusal: Option<Box<Refusal>>,
    /// What a callback got wrong while it ran: it fails when it returns.
    fault: Option<Box<str>>,
    /// What waits for all that is rendered to be written, by its id.
    pub when_written: Option<NonZeroU32>,
    /// Bytes that waited for the viewer when that was last looked at.
    backlog: u32,
    /// Messages that were dropped because it reads too slowly.
    drops: u32,
}

impl Drawer {
    fn is_empty(&self) -> bool {
        let has_end = self.ending.is_some() || self.refusal.is_some() || self.fault.is_some();
        let has_strain = self.backlog > 0 || self.drops > 0;
        !self.has_answer && self.when_written.is_none() && !has_end && !has_strain
    }

    /// What the answer says besides its body, if anything was said.
    pub fn answer(&self) -> Option<&Answer> {
        self.has_answer.then_some(&self.answer)
    }

    /// The same, to change it.
    pub fn answer_mut(&mut self) -> Option<&mut Answer> {
        self.has_answer.then_some(&mut self.answer)
    }
}

/// Empty drawers that desks had no more use for, with the room their headers took.
#[derive(Default)]
#[expect(clippy::vec_box, reason = "they come from desks in their boxes, and go there in them")]
pub(crate) struct Drawers(RefCell<Vec<Box<Drawer>>>);

impl Drawers {
    fn take(&self) -> Box<Drawer> {
        self.0.borrow_mut().pop().unwrap_or_default()
    }

    fn give(&self, drawer: Box<Drawer>) {
        let mut spare = self.0.borrow_mut();
        if spare.len() < SPARE_MAX {
            spare.push(drawer);
        }
    }
}

/// Drawers kept: as many polls may be answered at once, each with headers of its own, before one
/// has to be made.
const SPARE_MAX: usize = 256;

impl Desk {
    /// Puts the drawer away if nothing is left in it: the next who needs one may have it.
    pub fn tidy(&mut self) {
        let empty = self.drawer.take_if(|drawer| drawer.is_empty());
        if let Some(drawer) = empty.filter(|drawer| drawer.answer.headers.are_small()) {
            self.surroundings.spare_drawers.give(drawer);
        }
    }

    /// Whether there is one.
    pub fn has_drawer(&self) -> bool {
        self.drawer.is_some()
    }

    /// The drawer, to put something in.
    pub fn drawer(&mut self) -> &mut Drawer {
        let home = &self.home;
        self.drawer.get_or_insert_with(|| home.surroundings.spare_drawers.take())
    }

    /// Notes what the running callback did wrong; the first fault is kept.
    pub fn blame(&mut self, fault: impl Into<Box<str>>) {
        self.drawer().fault.get_or_insert_with(|| fault.into());
    }

    /// Takes what the callback that has returned did wrong.
    pub fn take_fault(&mut self) -> Option<Box<str>> {
        self.drawer.as_mut().and_then(|drawer| drawer.fault.take())
    }

    /// Whether there is a refusal for the host to answer with.
    pub fn has_refusal(&self) -> bool {
        self.drawer.as_ref().is_some_and(|drawer| drawer.refusal.is_some())
    }

    /// Takes a refusal for the host to answer with.
    pub fn take_refusal(&mut self) -> Option<Box<Refusal>> {
        self.drawer.as_mut().and_then(|drawer| drawer.refusal.take())
    }

    /// Takes the id of what waits for all that is rendered to be written.
    pub fn take_when_written(&mut self) -> Option<NonZeroU32> {
        self.drawer.as_mut().and_then(|drawer| drawer.when_written.take())
    }

    /// What the answer says besides its body, if anything was said.
    pub fn answer(&self) -> Option<&Answer> {
        self.drawer.as_ref().and_then(|drawer| drawer.answer())
    }

    /// What the answer says besides its body, to say more.
    pub fn answer_mut(&mut self) -> &mut Answer {
        let drawer = self.drawer();
        drawer.has_answer = true;
        &mut drawer.answer
    }

    /// Lets go of what the answer said: its head is out.
    pub(super) fn forget_answer(&mut self) {
        let Some(drawer) = &mut self.drawer else { return };
        if std::mem::take(&mut drawer.has_answer) {
            drawer.answer.clear();
        }
        self.tidy();
    }

    /// Whether the callback has asked for the end.
    pub fn has_asked_to_end(&self) -> bool {
        self.has_asked_to_end
    }

    /// Notes how the callback asks to end; the first wish is kept.
    pub fn ask_to_end(&mut self, ending: Ending) {
        if !std::mem::replace(&mut self.has_asked_to_end, true) && ending != Ending::Finish {
            self.drawer().ending = Some(ending);
        }
    }

    /// Takes how the callback has asked to end.
    pub fn take_ending(&mut self) -> Option<Ending> {
        std::mem::take(&mut self.has_asked_to_end).then(|| {
            let words = self.drawer.as_mut().and_then(|drawer| drawer.ending.take());
            words.unwrap_or(Ending::Finish)
        })
    }

    /// Notes how many bytes wait for the viewer, and that some messages never will.
    pub fn note_strain(&mut self, waits: usize, dropped: u64) {
        let drawer = self.drawer();
        drawer.backlog = u32::try_from(waits).unwrap_or(u32::MAX);
        let dropped = u32::try_from(dropped).unwrap_or(u32::MAX);
        drawer.drops = drawer.drops.saturating_add(dropped);
    }

    /// Notes that nothing waits for the viewer any more; `true` if something did.
    pub fn note_relief(&mut self) -> bool {
        let Some(drawer) = &mut self.drawer else { return false };
        let had_some = std::mem::take(&mut drawer.backlog) > 0;
        self.tidy();
        had_some
    }

    /// Bytes that waited for the viewer when that was last looked at.
    pub fn backlog(&self) -> u32 {
        self.drawer.as_ref().map_or(0, |drawer| drawer.backlog)
    }

    /// Messages that were dropped because the viewer reads too slowly.
    pub fn drops(&self) -> u32 {
        self.drawer.as_ref().map_or(0, |drawer| drawer.drops)
    }
}
