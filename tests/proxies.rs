//! Behind a real nginx and a real Apache, with the very lines the README shows.
//!
//! Needs Debian's `nginx` and `apache2-bin`; without them it fails and says so.

use crampon::prelude::*;
use crampon_tests::{Host, Socket};
use proxy::{APACHE_LINES, NGINX_LINES, PROXIES};

mod proxy;

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

/// The same news in chunks, with no header of ours that asks a proxy not to hold them back.
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

/// Published one by one, each when the one before has come through: a proxy that holds one back to
/// wait for more waits for ever.
const NEWS: [&str; 3] = ["first", "second", "third"];

#[test]
fn events_arrive_as_they_are_published() {
    for start in PROXIES {
        let host = serve();
        let proxy = start(host.address());
        let mut viewer = proxy.connect();
        viewer.get("/live");
        assert_eq!(
            viewer.head().header_text("content-type"),
            Some("text/event-stream; charset=utf-8")
        );
        viewer.take_until("data: test\n\n");
        for news in NEWS {
            host.publish("news", news);
            viewer.take_until(&format!("data: {news}\n\n"));
        }
    }
}

#[test]
fn chunks_arrive_as_they_are_published() {
    for start in PROXIES {
        let host = serve();
        let proxy = start(host.address());
        let mut viewer = proxy.connect();
        viewer.get("/live/log");
        viewer.take_until("listening");
        for news in NEWS {
            host.publish("news", news);
            viewer.take_until(news);
        }
    }
}

#[test]
fn sockets_are_upgraded_and_speak_both_ways() {
    for start in PROXIES {
        let host = serve();
        let proxy = start(host.address());
        let mut viewer = Socket::open(proxy.connect(), "/live");
        assert_eq!(viewer.text(), "test", "the host the viewer asked for");
        viewer.say("hello");
        assert_eq!(viewer.text(), "hello");
        for news in NEWS {
            host.publish("news", news);
            assert_eq!(viewer.text(), news);
        }
    }
}

#[test]
fn a_viewer_may_post_to_what_it_watches() {
    for start in PROXIES {
        let host = serve();
        let proxy = start(host.address());
        let mut viewer = proxy.connect();
        viewer.post("/live", "hello");
        assert_eq!(viewer.answer().text(), "hello");
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

fn serve() -> Host {
    Host::serve(|| Routes::new().at("/live", || Live).at("/live/log", || Log))
}
