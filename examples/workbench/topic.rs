//! One topic: who posts says it to everyone who subscribed.

use crampon::prelude::*;

use crate::census::Census;

const TOPIC: &str = "topic";

/// Says its body to the topic.
#[action(transport = regular)]
pub struct Post;

#[callbacks]
impl Post {
    #[on_data]
    fn say(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish(TOPIC, text);
        cx.set_status(204);
        cx.finish();
    }
}

/// Hears the topic: what is published goes straight to the viewer.
#[action(transport = websocket | sse)]
pub struct Subscriber {
    census: Rc<Census>,
}

impl Subscriber {
    /// A subscriber counted in `census`.
    pub fn recipe(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone() }
    }
}

#[callbacks]
impl Subscriber {
    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        self.census.enter(cx.transport());
        cx.subscribe(TOPIC);
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.census.leave(cx.transport());
    }
}
