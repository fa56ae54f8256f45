//! What is said comes back, to the pages of this very server.

use crampon::prelude::*;

use crate::census::Census;

/// An echo that pages of other origins may not speak to, whatever the server allows.
#[action(transport = websocket, subprotocols = ["echo", "chat"], origins = own)]
pub struct Guarded {
    census: Rc<Census>,
}

impl Guarded {
    /// An echo counted in `census`.
    pub fn recipe(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone() }
    }
}

#[callbacks]
impl Guarded {
    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        self.census.enter(cx.transport());
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.census.leave(cx.transport());
    }
}
