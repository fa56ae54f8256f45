//! Our own subject: a small action for each path of the contract, as an application has them.
//!
//! `side-by-side-crampon PORT`. All settings are the defaults; `RUST_LOG=warn` keeps the access
//! line of each request out of it, as an application in production would.

use crampon::prelude::*;

const NEWS: Channel = Channel::new("news");

fn main() -> crampon::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "3000".to_owned());
    let routes = Routes::new()
        .get("/hello", || Hello)
        .post("/length", || Length)
        .at("/echo", || Echo)
        .at("/deflate", || Echo)
        .at("/subscribe", || Subscriber)
        .at("/subscribe-deflate", || Subscriber)
        .at("/events", || Subscriber)
        .at("/publish", || Publish)
        .at("/tick", Clock::default)
        .at("/ticks", Clock::default);
    Server::bind(format!("127.0.0.1:{port}"))?.serve(routes)
}

/// Greets.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.set_header("content-type", "text/plain");
        cx.render("Hello, World!");
        cx.finish();
    }
}

/// Says how long a body is.
#[action(transport = regular)]
struct Length;

#[callbacks]
impl Length {
    #[on_data]
    fn measure(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        cx.set_header("content-type", "text/plain");
        cx.render(body.len().to_string());
        cx.finish();
    }
}

/// Says what it hears.
#[action(transport = websocket)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}

/// Hears the news.
#[action(transport = websocket | sse, subscribe = [NEWS])]
struct Subscriber;

#[callbacks]
impl Subscriber {}

/// Makes what it hears the news.
#[action(transport = websocket)]
struct Publish;

#[callbacks]
impl Publish {
    #[on_data]
    fn say(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish(NEWS, text);
    }
}

/// Counts the seconds of its viewer.
#[action(transport = websocket | sse)]
#[derive(Default)]
struct Clock {
    seconds: u64,
}

#[callbacks]
impl Clock {
    #[periodic_timer(every = "1s")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        self.seconds += 1;
        cx.render(format!("tick {}", self.seconds));
    }
}
