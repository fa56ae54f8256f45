//! What stands behind the proxies: news on every transport, and a diary of how viewers left.

use std::net::SocketAddr;

use crampon::prelude::*;
use crampon_tests::{Diary, Host, Pen, diary};

/// What is new, for those who come back, too.
const NEWS: Channel = Channel::new("news").history(16);

/// Bytes of a message at the most: sixteen times what proxies read at once.
pub const MESSAGE_BYTES: usize = 1 << 20;

/// A server, with what its actions lived through.
pub struct Application {
    host: Host,
    polls: Diary,
    endings: Diary,
}

impl Application {
    /// Starts to serve below `/live`.
    pub fn serve() -> Self {
        let (poll, polls) = diary();
        let (end, endings) = diary();
        let set_up = |server: Server| {
            let server = server.trust_proxies(["127.0.0.1"]);
            server.proxy_headers(ProxyHeaders::XForwarded).limits(|limits| {
                limits.message_bytes_max = MESSAGE_BYTES;
                limits.outbox_bytes_max = 2 * MESSAGE_BYTES;
            })
        };
        let host = Host::serve_with(set_up, || {
            let (live, kept) = (end.clone(), end.clone());
            Routes::new()
                .at("/live", move || Live { end: live.clone() })
                .at("/live/kept", move || Kept { end: kept.clone() })
                .at("/live/log", || Log)
                .get("/live/poll", move || Poll { poll: poll.clone(), end: end.clone() })
                .get("/live/whence", || Whence)
        });
        Self { host, polls, endings }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// Says what is new.
    pub fn publish(&self, news: &str) {
        self.host.publish(NEWS, news);
    }

    /// Waits until a poll is held.
    #[track_caller]
    pub fn wait_for_poll(&self) {
        assert_eq!(self.polls.next(), "held");
    }

    /// Waits until a viewer of `/live` is known to be gone, and says why.
    #[track_caller]
    pub fn ending(&self) -> String {
        self.endings.next()
    }
}

/// Says for which host it was asked, hands on what is new, and says back what it hears. By itself
/// it says nothing, so that whoever leaves is not found out by a write.
#[action(transport = websocket | sse, keep_alive = off)]
struct Live {
    end: Pen,
}

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        let host = cx.header("host").unwrap_or("nobody").to_owned();
        cx.render(host);
        cx.subscribe(NEWS);
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, text: &str) {
        if text == "leave" {
            cx.close(4002, "as you wish");
        } else {
            cx.render(text);
        }
    }

    #[on_finish]
    fn end(&mut self, cx: &mut Context<Self>) {
        self.end.write(cx.finish_reason());
    }
}

/// Says nothing but that it is there.
#[action(transport = sse, keep_alive = "1s")]
struct Kept {
    end: Pen,
}

#[callbacks]
impl Kept {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("welcome");
    }

    #[on_finish]
    fn end(&mut self, cx: &mut Context<Self>) {
        self.end.write(cx.finish_reason());
    }
}

/// The same news in chunks, with no header of ours that asks a proxy not to hold them back.
#[action(transport = chunked)]
struct Log;

#[callbacks]
impl Log {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.render("listening");
        cx.subscribe(NEWS);
    }
}

/// One piece of news at a time.
#[action(transport = long_polling)]
struct Poll {
    poll: Pen,
    end: Pen,
}

#[callbacks]
impl Poll {
    #[on_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(NEWS);
        self.poll.write("held");
    }

    #[on_finish]
    fn end(&mut self, cx: &mut Context<Self>) {
        self.end.write(cx.finish_reason());
    }
}

/// Says from where it is asked.
#[action(transport = regular)]
struct Whence;

#[callbacks]
impl Whence {
    #[on_start]
    fn tell(&mut self, cx: &mut Context<Self>) {
        let address = cx.remote_addr().expect("it is asked over TCP");
        cx.render(address.ip().to_string());
        cx.finish();
    }
}
