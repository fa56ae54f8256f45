//! Behind a real nginx and a real Apache, with the very lines the README shows.
//!
//! Needs Debian's `nginx` and `apache2-bin`; without them it fails and says so.

use std::sync::mpsc::channel;
use std::thread;

use crampon::Running;
use crampon::prelude::*;
use crampon::protocol::websocket::masked;
use crampon::reactor::Reactor;
use proxy::{APACHE_LINES, NGINX_LINES, PROXIES, Proxy};
use wire::Wire;

mod process;
mod proxy;
mod wire;

/// The host a viewer asks for; no proxy knows it by that name.
const HOST: &str = "live.example:8080";

/// Says for which host it was asked, hands on what is published, and says back what it hears.
#[action(transport = websocket | sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        let host = cx.header("host").unwrap_or("nobody").to_owned();
        cx.render(host);
        cx.subscribe("news");
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// The same news, chunk by chunk, with no header that asks a proxy not to hold them back.
#[action(transport = chunked)]
struct Log;

#[callbacks]
impl Log {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.render("listening");
        cx.subscribe("news");
    }
}

#[test]
fn events_arrive_as_they_are_published() {
    for start in PROXIES {
        let site = Site::behind(start);
        let mut viewer = site.ask("/live", "Accept: text/event-stream\r\n");
        viewer.hear(b"text/event-stream");
        viewer.hear(format!("data: {HOST}\n\n").as_bytes());
        // Each is published only after the one before has come through: a proxy that holds one
        // back to wait for more waits for ever.
        for news in ["first", "second", "third"] {
            site.application.publish("news", news);
            viewer.hear(format!("data: {news}\n\n").as_bytes());
            println!("{}: {news}", site.proxy.name);
        }
    }
}

#[test]
fn chunks_arrive_as_they_are_published() {
    for start in PROXIES {
        let site = Site::behind(start);
        let mut viewer = site.ask("/live/log", "");
        viewer.hear(b"listening");
        for news in ["first", "second", "third"] {
            site.application.publish("news", news);
            viewer.hear(news.as_bytes());
            println!("{}: {news}", site.proxy.name);
        }
    }
}

#[test]
fn sockets_are_upgraded_and_speak_both_ways() {
    for start in PROXIES {
        let site = Site::behind(start);
        let mut viewer = site.ask(
            "/live",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        );
        viewer.hear(b"HTTP/1.1 101 ");
        viewer.hear(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        viewer.hear(b"\r\n\r\n");
        viewer.hear(&text_frame(HOST));

        let mut said = Vec::new();
        masked::encode_text(&mut said, [1, 2, 3, 4], "hello");
        viewer.say(&said);
        viewer.hear(&text_frame("hello"));

        site.application.publish("news", "first");
        viewer.hear(&text_frame("first"));
        println!("{}: both ways", site.proxy.name);
    }
}

#[test]
fn the_readme_shows_these_lines() {
    let readme = include_str!("../README.md");
    for (language, lines) in [("nginx", NGINX_LINES), ("apache", APACHE_LINES)] {
        let quoted = format!("```{language}\n{lines}```\n");
        assert!(readme.contains(&quoted), "the README does not show docs/{language}.conf");
    }
}

/// The application with a proxy in front.
struct Site {
    application: Running,
    proxy: Proxy,
}

impl Site {
    fn behind(start: fn(u16) -> Proxy) -> Self {
        let application = start_application();
        let proxy = start(application.local_addr().port());
        Self { application, proxy }
    }

    /// Asks the proxy for `path`, with header lines besides the host.
    fn ask(&self, path: &str, headers: &str) -> Wire {
        let mut wire = Wire::to(self.proxy.port);
        wire.say(format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n").as_bytes());
        wire
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.application.stop();
    }
}

/// Runs the actions on a thread of their own.
fn start_application() -> Running {
    let (sender, running) = channel();
    thread::spawn(move || {
        let mut reactor = Reactor::new().expect("the machine has a selector");
        let routes = Routes::new().at("/live", || Live).at("/live/log", || Log);
        let server = Server::bind("127.0.0.1:0").expect("loopback has a free port");
        let running = server.attach(&mut reactor, routes).expect("the routes are sound");
        sender.send(running).expect("the test waits for it");
        reactor.run().expect("the loop runs until it is stopped");
    });
    running.recv().expect("the application starts")
}

/// A text message as a server frames it (RFC 6455, section 5.2); shorter than 126 bytes.
fn text_frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("the text is short");
    [&[0x81, length], text.as_bytes()].concat()
}
