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
    /// begin. If it has asked for nothing by then it hears the `body` that is there.
    ///
    /// One that has answered and has asked for nothing stays where it is: `answered` is shown what
    /// it leaves, and it is gone. Any other comes back.
    fn open(
        &self,
        desk: Desk,
        role: Role,
        body: Option<&[u8]>,
        answered: &mut dyn FnMut(&mut Desk),
    ) -> Result<Opened, Box<BrokenRecipe>>;
}

/// What became of an action that has begun.
pub(crate) enum Opened {
    /// It has answered, and is gone.
    Answered,
    /// It goes on, or something is still to be done for it.
    Goes {
        session: Box<dyn Live>,
        /// The body that was there is behind it.
        has_heard_body: bool,
    },
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
        body: Option<&[u8]>,
        answered: &mut dyn FnMut(&mut Desk),
    ) -> Result<Opened, Box<BrokenRecipe>> {
        let action = match catch_unwind(AssertUnwindSafe(&self.make)) {
            Ok(action) => action,
            Err(panic) => {
                return Err(Box::new(BrokenRecipe { desk, text: panic_text(&*panic) }));
            }
        };
        let mut session = Session::new(action, desk, role);
        session.begin();
        let has_heard_body = body.is_some_and(|body| session.hear_body(body));
        if !session.has_said_all() {
            return Ok(Opened::Goes { session: Box::new(session), has_heard_body });
        }
        answered(session.desk());
        drop_net(A::DECLARATION.name, || drop(session));
        Ok(Opened::Answered)
    }
}
