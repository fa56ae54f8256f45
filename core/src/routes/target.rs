//! What a route leads to: the recipe of an action, and how much of its lifecycle runs.

use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use crate::action::{
    Action, Declaration, Desk, Home, Live, Role, Session, Surroundings, drop_net, panic_text,
};

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
    /// The home of its actions in the one house that serves it.
    fn home(&self, surroundings: &Rc<Surroundings>) -> Rc<Home>;
    /// Makes a fresh action, seats it at `desk`, which comes back if the recipe panics, and lets it
    /// begin.
    ///
    /// One that has answered and has asked for nothing stays where it is: `answered` is shown what
    /// it leaves, and it is gone. Any other comes back, for it goes on, or something is still to be
    /// done for it.
    fn open(
        &self,
        desk: Desk,
        role: Role,
        answered: &mut dyn FnMut(&mut Desk),
    ) -> Result<Option<Box<dyn Live>>, Box<BrokenRecipe>>;
}

/// A recipe that panicked.
pub(crate) struct BrokenRecipe {
    /// Where the action would have sat.
    pub desk: Desk,
    /// What the panic said.
    pub text: String,
}

/// A route's closure.
pub(crate) struct Recipe<F> {
    make: F,
    /// Built with the first of its actions.
    home: OnceCell<Rc<Home>>,
}

impl<F> Recipe<F> {
    pub fn new(make: F) -> Self {
        Self { make, home: OnceCell::new() }
    }
}

impl<A: Action, F: Fn() -> A> Endpoint for Recipe<F> {
    fn declaration(&self) -> &'static Declaration {
        const { &A::DECLARATION }
    }

    fn home(&self, surroundings: &Rc<Surroundings>) -> Rc<Home> {
        self.home.get_or_init(|| Home::of(self.declaration(), surroundings)).clone()
    }

    fn open(
        &self,
        desk: Desk,
        role: Role,
        answered: &mut dyn FnMut(&mut Desk),
    ) -> Result<Option<Box<dyn Live>>, Box<BrokenRecipe>> {
        let action = match catch_unwind(AssertUnwindSafe(&self.make)) {
            Ok(action) => action,
            Err(panic) => {
                return Err(Box::new(BrokenRecipe { desk, text: panic_text(&*panic) }));
            }
        };
        let mut session = Session::new(action, desk, role);
        session.begin();
        if !session.has_said_all() {
            return Ok(Some(Box::new(session)));
        }
        answered(session.desk());
        drop_net(A::DECLARATION.name, || drop(session));
        Ok(None)
    }
}
