//! A home: what all sessions of one declaration share, each by one reference.

use std::rc::Rc;

use super::{Declaration, Surroundings};

/// Where sessions of one declaration live.
pub(crate) struct Home {
    pub surroundings: Rc<Surroundings>,
    pub declaration: &'static Declaration,
}

impl Home {
    /// The home of those that are declared so.
    pub fn of(declaration: &'static Declaration, surroundings: &Rc<Surroundings>) -> Rc<Self> {
        Rc::new(Self { surroundings: surroundings.clone(), declaration })
    }
}
