//! What is measured: the small actions whose messages are counted in blocks and in system calls.

use crampon::prelude::*;

/// The workloads: `/echo`, `/dense`, `/feed`, `/publish` and `/hello`.
pub fn workloads() -> Routes {
    Routes::new()
        .at("/echo", || Echo)
        .at("/dense", || Dense)
        .at("/feed", || Feed)
        .at("/publish", || Publish)
        .at("/hello", || Hello)
}

/// Says back what it hears.
#[action(transport = websocket)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Says back what it hears, compressed with a context of its own.
#[action(transport = websocket, deflate = dedicated, deflate_bytes_min = 0)]
struct Dense;

#[callbacks]
impl Dense {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Hears the feed.
#[action(transport = websocket | sse)]
struct Feed;

#[callbacks]
impl Feed {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("feed");
    }
}

/// Publishes what it hears on the feed.
#[action(transport = websocket)]
struct Publish;

#[callbacks]
impl Publish {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish("feed", text);
    }
}

/// Answers and is done.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World!");
        cx.finish();
    }
}
