//! What a route leads to: the recipe of an action, and how much of its lifecycle runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use crate::action::{Action, Declaration, Desk, Live, Role, Session, panic_text};

/// What makes and starts the action of a route.
#[derive(Clone)]
pub(crate) struct Target {
    pub endpoint: Rc<dyn Endpoint>,
    pub role: Role,
}

impl Target {
    pub fn new(endpoint: Rc<dyn Endpoint>, role: Role) -> Self {
        Self { endpoint, role }
    }
}

/// A recipe whose type of action is forgotten.
pub(crate) trait Endpoint {
    fn declaration(&self) -> &'static Declaration;
    /// Makes a fresh action and seats it at `desk`, which comes back if the recipe panics.
    fn open(&self, desk: Desk, role: Role) -> Result<Box<dyn Live>, Box<BrokenRecipe>>;
}

/// A recipe that panicked.
pub(crate) struct BrokenRecipe {
    /// Where the action would have sat.
    pub desk: Desk,
    /// What the panic said.
    pub text: String,
}

/// A route's closure.
pub(crate) struct Recipe<F>(pub F);

impl<A: Action, F: Fn() -> A> Endpoint for Recipe<F> {
    fn declaration(&self) -> &'static Declaration {
        const { &A::DECLARATION }
    }

    fn open(&self, desk: Desk, role: Role) -> Result<Box<dyn Live>, Box<BrokenRecipe>> {
        match catch_unwind(AssertUnwindSafe(&self.0)) {
            Ok(action) => Ok(Box::new(Session::new(action, desk, role))),
            Err(panic) => Err(Box::new(BrokenRecipe { desk, text: panic_text(&*panic) })),
        }
    }
}
