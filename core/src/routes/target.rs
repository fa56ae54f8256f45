//! What a route leads to: the recipe of an action, and how much of its lifecycle runs.

use std::rc::Rc;

use crate::action::{Action, Declaration, Desk, Live, Role, Session};

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
    /// Makes a fresh action and seats it at `desk`.
    fn open(&self, desk: Desk, role: Role) -> Box<dyn Live>;
}

/// A route's closure.
pub(crate) struct Recipe<F>(pub F);

impl<A: Action, F: Fn() -> A> Endpoint for Recipe<F> {
    fn declaration(&self) -> &'static Declaration {
        const { &A::DECLARATION }
    }

    fn open(&self, desk: Desk, role: Role) -> Box<dyn Live> {
        Box::new(Session::new((self.0)(), desk, role))
    }
}
