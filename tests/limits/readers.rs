//! Readers: how much may wait for one, how long it may take nothing, and how slowly it may take it.

use std::net::SocketAddr;
use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::trial::{Trial, World};
use crampon_tests::{Host, Request};
use socket2::Socket;

use super::Scene;

/// Actions that say much at once.
macro_rules! floods {
    ($($name:ident = $($transport:ident)|*),*) => {$(
        #[action(transport = $($transport)|*)]
        struct $name;

        #[callbacks]
        impl $name {
            #[on_start]
            fn pour(&mut self, cx: &mut Context<Self>) {
                cx.render("x".repeat(100_000));
            }
        }
    )*};
}

floods!(Flood = websocket | sse | long_polling, Chunks = chunked, Page = regular);

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    let routes = Routes::new().at("/", || Flood).at("/chunks", || Chunks).at("/page", || Page);
    Scene::new(routes, |limits| {
        // Nothing else is to end them.
        limits.answer_timeout = Duration::from_secs(3600);
        limits.pong_timeout = Duration::from_secs(3600);
        set(limits);
    })
}

/// A reader on each transport, who takes nothing from the first byte on.
fn stalled(world: &World) -> Vec<(&'static str, Trial)> {
    let requests = [
        (
            "websocket",
            "/",
            "upgrade: websocket\r\nconnection: upgrade\r\n\
          sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        ),
        ("sse", "/", "accept: text/event-stream\r\n"),
        ("chunked", "/chunks", ""),
        ("regular", "/page", ""),
        ("long_polling", "/", "accept: */*\r\n"),
    ];
    let stall = |(name, path, more): (&'static str, &str, &str)| {
        let reader = world.connect();
        reader.wire().set_window(Some(0));
        reader.send_bytes(format!("GET {path} HTTP/1.1\r\nhost: t\r\n{more}\r\n").as_bytes());
        (name, reader)
    };
    requests.map(stall).into()
}

#[test]
fn a_peer_may_take_nothing_for_so_long_on_every_transport() {
    let scene = scene(|limits| limits.write_timeout = Duration::from_secs(30));
    let readers = stalled(&scene.world);
    scene.world.advance(Duration::from_millis(29_999));
    for (name, reader) in &readers {
        assert!(!reader.wire().is_closed(), "{name}");
    }
    scene.world.advance(Duration::from_millis(1));
    for (name, reader) in &readers {
        assert!(reader.wire().is_closed(), "{name}");
    }
    assert_eq!(scene.refusals("write_timeout"), 5);
}

/// The readers, each of whom takes so many bytes a second for a minute and a half.
fn sipping(world: &World, bytes_a_second: usize) -> Vec<(&'static str, Trial)> {
    let readers = stalled(world);
    for _ in 0..90 {
        for (_, reader) in &readers {
            reader.wire().set_window(Some(bytes_a_second));
        }
        world.advance(Duration::from_secs(1));
    }
    readers
}

#[test]
fn a_peer_may_take_so_many_bytes_a_second_and_no_fewer_on_every_transport() {
    for (bytes_a_second, is_closed) in [(100, false), (99, true), (1, true)] {
        let scene = scene(|limits| limits.write_rate_min = 100);
        for (name, reader) in sipping(&scene.world, bytes_a_second) {
            assert_eq!(reader.wire().is_closed(), is_closed, "{name}, {bytes_a_second} a second");
        }
        assert_eq!(scene.refusals("write_timeout"), if is_closed { 5 } else { 0 });
    }
}

#[test]
fn without_a_rate_a_peer_may_sip() {
    let scene = scene(|limits| limits.write_rate_min = 0);
    for (name, reader) in sipping(&scene.world, 1) {
        assert!(!reader.wire().is_closed(), "{name}");
    }
}

/// Says one kilobyte a message.
#[action(transport = websocket)]
struct Talker;

#[callbacks]
impl Talker {
    #[periodic_timer(every = "1s")]
    fn talk(&mut self, cx: &mut Context<Self>) {
        cx.render("x".repeat(1000));
    }
}

#[test]
fn so_many_bytes_may_wait_for_a_reader_and_one_message_may_cross_the_mark() {
    let routes = Routes::new().at("/", || Talker);
    let scene = Scene::new(routes, |limits| {
        limits.outbox_bytes_max = 10_000;
        limits.write_timeout = Duration::from_secs(3600);
    });
    let mut reader = scene.world.socket("/");
    reader.wire().set_window(Some(0));
    // Each is 1,004 bytes on the wire: the tenth crosses the mark.
    reader.advance(Duration::from_secs(10));
    reader.expect_no_finish();
    reader.advance(Duration::from_secs(1));
    reader.expect_finish(FinishReason::Overflowed);
    assert_eq!(scene.refusals("slow_reader"), 1);
}

/// Has more patience with its reader than the server has.
#[action(transport = chunked, write_timeout = "77s")]
struct Patient;

#[callbacks]
impl Patient {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("begun");
        cx.subscribe("end");
    }

    #[on_message]
    fn end(&mut self, cx: &mut Context<Self>, _: &Message) {
        cx.finish();
    }
}

/// The system was told of an action's own timeout, and went by it for all later requests too.
#[cfg(target_os = "linux")]
#[test]
fn a_patience_of_an_actions_own_ends_with_its_answer() {
    let (own, usual) = (Duration::from_secs(77), Duration::from_secs(11));
    let set_up = move |server: Server| server.limits(|limits| limits.write_timeout = usual);
    let routes = || Routes::new().at("/patient", || Patient).at("/hello", || super::Hello);
    let host = Host::serve_with(set_up, routes);
    let mut browser = host.connect();
    assert_eq!(browser.ask(&Request::get("/hello")).text(), "Hello World!");
    let accepted = accepted(browser.stream().local_addr().expect("it is connected"));
    let patience = || accepted.tcp_user_timeout().expect("it can be asked");
    assert_eq!(patience(), Some(usual));

    browser.get("/patient");
    browser.head();
    assert_eq!(patience(), Some(own));
    host.publish("end", "now");
    browser.take_until("0\r\n\r\n");
    assert_eq!(browser.ask(&Request::get("/hello")).text(), "Hello World!");
    assert_eq!(patience(), Some(usual));
}

/// The server's end of a connection with a client at an address, for the server is in this process.
#[cfg(target_os = "linux")]
fn accepted(client: SocketAddr) -> Socket {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let this = pidfd_open(getpid(), PidfdFlags::empty()).expect("it runs");
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("there is a list of descriptors");
    let numbers = descriptors.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let copies =
        numbers.filter_map(|number| pidfd_getfd(&this, number, PidfdGetfdFlags::empty()).ok());
    let peer = |socket: &Socket| socket.peer_addr().ok().and_then(|peer| peer.as_socket());
    let found = copies.map(Socket::from).find(|socket| peer(socket) == Some(client));
    found.expect("the server has accepted it")
}
