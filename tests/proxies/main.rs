//! Behind a real nginx, a real Apache and a real HAProxy, with the very lines the README shows.
//!
//! Needs Debian's `nginx`, `apache2-bin` and `haproxy`; without them it fails and says so.

mod application;
mod proxy;

use std::time::{Duration, Instant};

use application::{Application, MESSAGE_BYTES};
use crampon_tests::{Events, Frame, Request, Socket};
use proxy::{APACHE_LINES, HAPROXY_LINES, NGINX_LINES, PROXIES, Proxy, Start};

/// Published one by one, each when the one before has come through: a proxy that holds one back to
/// wait for more waits for ever.
const NEWS: [&str; 3] = ["first", "second", "third"];

/// Runs the same behind each proxy there is.
fn behind_each(test: impl Fn(&Application, &Proxy)) {
    behind(&PROXIES, test);
}

/// Runs the same behind each of some proxies.
fn behind(proxies: &[Start], test: impl Fn(&Application, &Proxy)) {
    for start in proxies {
        let application = Application::serve();
        let proxy = start(application.address());
        println!("behind {}", proxy.name);
        test(&application, &proxy);
    }
}

#[test]
fn events_arrive_as_they_are_published() {
    behind_each(|application, proxy| {
        let mut viewer = Events::open(proxy.connect(), "/live");
        assert_eq!(viewer.data(), "test", "the host the viewer asked for");
        for news in NEWS {
            application.publish(news);
            assert_eq!(viewer.data(), news);
        }
    });
}

#[test]
fn chunks_arrive_as_they_are_published() {
    behind_each(|application, proxy| {
        let mut viewer = proxy.connect();
        viewer.get("/live/log");
        viewer.take_until("listening");
        for news in NEWS {
            application.publish(news);
            viewer.take_until(news);
        }
    });
}

#[test]
fn no_proxy_holds_a_chunk_for_a_moment_to_send_more_at_once() {
    behind_each(|application, proxy| {
        let mut viewer = proxy.connect();
        viewer.get("/live/log");
        viewer.take_until("listening");
        // The median of many: one may be late on a busy machine, not most.
        let mut delays: Vec<Duration> = (0..21)
            .map(|_| {
                let published = Instant::now();
                application.publish("now");
                viewer.take_until("now");
                published.elapsed()
            })
            .collect();
        delays.sort_unstable();
        assert!(delays[10] < Duration::from_millis(40), "{} took {delays:?}", proxy.name);
    });
}

#[test]
fn a_viewer_who_comes_back_hears_what_it_missed() {
    behind_each(|application, proxy| {
        let mut viewer = Events::open(proxy.connect(), "/live");
        assert_eq!(viewer.data(), "test");
        application.publish("heard");
        let heard = viewer.event();
        assert_eq!(heard.data, "heard");
        drop(viewer);
        application.publish("missed");
        let mut viewer = Events::resume(proxy.connect(), "/live", &heard.id);
        assert_eq!(viewer.data(), "test");
        assert_eq!(viewer.data(), "missed");
    });
}

#[test]
fn sockets_are_upgraded_and_speak_both_ways() {
    behind_each(|application, proxy| {
        let mut viewer = Socket::open(proxy.connect(), "/live");
        assert_eq!(viewer.text(), "test", "the host the viewer asked for");
        viewer.say("hello");
        assert_eq!(viewer.text(), "hello");
        for news in NEWS {
            application.publish(news);
            assert_eq!(viewer.text(), news);
        }
    });
}

#[test]
fn long_messages_pass_whole() {
    behind_each(|_, proxy| {
        let mut viewer = Socket::open(proxy.connect(), "/live");
        assert_eq!(viewer.text(), "test");
        let long: String = ('a'..='z').cycle().take(MESSAGE_BYTES).collect();
        viewer.say(&long);
        assert!(viewer.text() == long, "{} altered a long message", proxy.name);
    });
}

#[test]
fn an_offer_of_compression_does_no_harm() {
    behind_each(|_, proxy| {
        let mut viewer = proxy.connect();
        let offer = "permessage-deflate; client_max_window_bits";
        let request = Request::upgrade("/live", &[]).header("sec-websocket-extensions", offer);
        viewer.send(request.bytes());
        assert_eq!(viewer.head().status(), 101);
        // Too short to be compressed, whatever was agreed on.
        let mut viewer = Socket::on(viewer);
        assert_eq!(viewer.text(), "test");
        viewer.say("hello");
        assert_eq!(viewer.text(), "hello");
    });
}

#[test]
fn the_close_code_of_a_viewer_reaches_the_action() {
    behind_each(|application, proxy| {
        let mut viewer = Socket::open(proxy.connect(), "/live");
        assert_eq!(viewer.text(), "test");
        viewer.close(4001, "off to bed");
        assert_eq!(viewer.receive(), Frame::close(4001));
        viewer.expect_end();
        assert_eq!(application.ending(), "disconnected with code 4001");
    });
}

#[test]
fn the_close_code_of_an_action_reaches_the_viewer() {
    behind_each(|_, proxy| {
        let mut viewer = Socket::open(proxy.connect(), "/live");
        assert_eq!(viewer.text(), "test");
        viewer.say("leave");
        assert_eq!(viewer.receive(), Frame::Close(Some((4002, "as you wish".to_owned()))));
        viewer.close(4002, "");
        viewer.expect_end();
    });
}

#[test]
fn an_event_stream_without_its_viewer_is_noticed_at_once() {
    behind(&[Proxy::nginx, Proxy::haproxy], |application, proxy| {
        let mut viewer = Events::open(proxy.connect(), "/live");
        assert_eq!(viewer.data(), "test");
        drop(viewer);
        assert_eq!(application.ending(), "disconnected");
    });
}

#[test]
fn an_event_stream_without_its_viewer_is_noticed_by_its_keep_alives() {
    behind_each(|application, proxy| {
        let mut viewer = Events::open(proxy.connect(), "/live/kept");
        assert_eq!(viewer.data(), "welcome");
        drop(viewer);
        assert_eq!(application.ending(), "disconnected");
    });
}

#[test]
fn a_poll_without_its_viewer_is_noticed_at_once() {
    behind(&[Proxy::nginx, Proxy::haproxy], |application, proxy| {
        let mut viewer = proxy.connect();
        viewer.get("/live/poll");
        application.wait_for_poll();
        drop(viewer);
        assert_eq!(application.ending(), "disconnected");
    });
}

#[test]
fn a_socket_without_its_viewer_is_noticed() {
    behind_each(|application, proxy| {
        let mut viewer = Socket::open(proxy.connect(), "/live");
        assert_eq!(viewer.text(), "test");
        drop(viewer);
        assert_eq!(application.ending(), "disconnected");
    });
}

#[test]
fn the_address_of_a_viewer_is_known_whatever_it_says_itself() {
    behind_each(|_, proxy| {
        let mut viewer = proxy.connect_from([127, 0, 0, 9]);
        let request = Request::get("/live/whence")
            .header("x-forwarded-for", "10.6.6.6")
            .header("forwarded", "for=10.6.6.6");
        viewer.send(request.bytes());
        assert_eq!(viewer.answer().text(), "127.0.0.9");
    });
}

#[test]
fn a_page_is_a_foreign_one_whatever_it_says_of_the_host() {
    behind_each(|_, proxy| {
        for (origin, status) in [("http://test", 101), ("http://elsewhere", 403)] {
            let mut viewer = proxy.connect();
            let request = Request::upgrade("/live", &[])
                .header("origin", origin)
                .header("x-forwarded-host", "elsewhere");
            viewer.send(request.bytes());
            assert_eq!(viewer.head().status(), status, "{origin} behind {}", proxy.name);
        }
    });
}

#[test]
fn a_viewer_may_post_to_what_it_watches() {
    behind_each(|_, proxy| {
        let mut viewer = proxy.connect();
        viewer.post("/live", "hello");
        assert_eq!(viewer.answer().text(), "hello");
    });
}

#[test]
fn a_poll_is_held_until_there_is_news_and_the_next_goes_on_from_there() {
    behind_each(|application, proxy| {
        let mut viewer = proxy.connect();
        viewer.send(Request::get("/live/poll").bytes());
        application.wait_for_poll();
        application.publish("heard");
        let heard = viewer.answer();
        assert_eq!(heard.text(), "heard");
        application.publish("missed");
        let cursor = heard.header("last-event-id");
        viewer.send(Request::get("/live/poll").header("last-event-id", cursor).bytes());
        assert_eq!(viewer.answer().text(), "missed");
    });
}

#[test]
fn the_readme_shows_these_lines() {
    let readme = include_str!("../../README.md");
    let all = [("nginx", NGINX_LINES), ("apache", APACHE_LINES), ("haproxy", HAPROXY_LINES)];
    for (language, lines) in all {
        let quoted = format!("```{language}\n{lines}```\n");
        assert!(readme.contains(&quoted), "the README does not show the lines for {language}");
    }
}
