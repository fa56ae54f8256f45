//! What is said comes back: over a WebSocket, and by POST.

use crampon::prelude::*;

use crate::census::Census;

/// Says what it hears: text as text, binary as binary, a body as a body. Suites send more than one
/// message before they read, so 64 MiB may wait for them. They are spoken to compressed if they
/// offer that, however short the message, and on their own terms as to contexts and windows.
#[action(
    transport = websocket,
    subprotocols = ["echo", "chat"],
    outbox_bytes_max = 67_108_864,
    deflate = dedicated,
    deflate_bytes_min = 0,
)]
pub struct Echo {
    census: Rc<Census>,
}

impl Echo {
    /// An echo counted in `census`.
    pub fn recipe(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone() }
    }
}

#[callbacks]
impl Echo {
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
