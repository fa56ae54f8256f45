//! Connections: in all, of one address, in a second, and what those get that are too many.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};

use super::{Hello, Scene};

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    Scene::new(Routes::new().get("/", || Hello), set)
}

/// Who is served here, and stays.
fn served(world: &World) -> Trial {
    let mut guest = world.get("/");
    guest.expect_status(200).expect_render("Hello World!").expect_end();
    assert!(!guest.wire().is_closed());
    guest
}

fn from(world: &World, ip: &str, port: u16) -> Trial {
    let ip: IpAddr = ip.parse().expect("the test writes an address");
    let mut guest = world.connect_from(SocketAddr::new(ip, port));
    guest.again(Visit::get("/"));
    guest
}

#[test]
fn one_connection_too_many_is_answered_503_and_counted() {
    let scene = scene(|limits| limits.connections_max = Some(2));
    let guests = [served(&scene.world), served(&scene.world)];
    let mut refused = scene.world.get("/");
    refused.expect_status(503).expect_header("connection", "close").expect_no_finish();
    let seconds = refused.header("retry-after").and_then(|seconds| seconds.parse().ok());
    assert!(matches!(seconds, Some(1..=5)), "{seconds:?}");
    assert!(refused.wire().is_closed() && !refused.wire().was_reset());
    assert_eq!(scene.refusals("connection_too_many"), 1);
    drop(guests);
    scene.world.advance(Duration::ZERO);
    served(&scene.world);
}

#[test]
fn who_speaks_when_there_is_room_again_is_served() {
    let scene = scene(|limits| limits.connections_max = Some(1));
    let guest = served(&scene.world);
    let [mut first, mut second] = [scene.world.connect(), scene.world.connect()];
    drop(guest);
    scene.world.advance(Duration::ZERO);
    first.again(Visit::get("/")).expect_status(200);
    second.again(Visit::get("/")).expect_status(503);
    assert_eq!(scene.refusals("connection_too_many"), 1);
}

#[test]
fn one_too_many_hears_it_with_the_first_byte_and_is_not_reset_for_the_rest() {
    let scene = scene(|limits| limits.connections_max = Some(0));
    let mut refused = scene.world.connect();
    assert_eq!(refused.status(), None, "it has not asked yet");
    refused.send_bytes(b"GET / HT");
    refused.expect_status(503);
    refused.send_bytes(b"TP/1.1\r\nhost: trial.test\r\n\r\n");
    scene.world.advance(Duration::from_secs(3));
    assert!(refused.wire().is_closed() && !refused.wire().was_reset());
}

#[test]
fn a_refused_head_request_is_answered_without_a_body() {
    let scene = scene(|limits| limits.connections_max = Some(0));
    let mut refused = scene.world.visit(Visit::new(http::Method::HEAD, "/"));
    refused.expect_status(503).expect_end().expect_nothing();
}

#[test]
fn silent_ones_too_many_have_so_many_places_and_no_more() {
    const PLACES: usize = 1024;
    let scene = scene(|limits| limits.connections_max = Some(1));
    let _guest = served(&scene.world);
    let silent: Vec<_> = (0..PLACES).map(|_| scene.world.connect()).collect();
    scene.world.advance(Duration::ZERO);
    assert!(silent.iter().all(|one| !one.wire().is_closed()));
    let mut refused = scene.world.connect();
    scene.world.advance(Duration::ZERO);
    refused.expect_status(503);
    assert!(refused.wire().is_closed(), "it is told at once");
    assert_eq!(scene.refusals("connection_too_many"), 1);
    // They are given up as anybody is who sends no head.
    scene.world.advance(Duration::from_secs(10));
    assert!(silent.iter().all(|one| one.wire().is_closed()));
    let waits = scene.world.connect();
    scene.world.advance(Duration::ZERO);
    assert!(!waits.wire().is_closed(), "there is a place again");
}

#[test]
fn silent_ones_too_many_that_leave_make_room_for_others() {
    let scene = scene(|limits| limits.connections_max = Some(1));
    let guest = served(&scene.world);
    for _ in 0..3 {
        let silent: Vec<_> = (0..1024).map(|_| scene.world.connect()).collect();
        scene.world.advance(Duration::ZERO);
        assert!(silent.iter().all(|one| !one.wire().is_closed()));
        let (left, reset) = silent.split_at(512);
        left.iter().for_each(|one| one.wire().finish());
        reset.iter().for_each(|one| one.wire().reset());
        scene.world.advance(Duration::ZERO);
    }
    drop(guest);
    scene.world.advance(Duration::ZERO);
    served(&scene.world);
}

#[test]
fn one_connection_too_many_of_an_address_is_answered_429_and_counted() {
    let scene = scene(|limits| limits.connections_per_address_max = Some(2));
    for (ours, other) in [
        (["192.0.2.1", "192.0.2.1", "192.0.2.1"], "192.0.2.2"),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3"], "2001:db8:0:1::1"),
    ] {
        let mut first = from(&scene.world, ours[0], 1000);
        let mut second = from(&scene.world, ours[1], 1001);
        first.expect_status(200);
        second.expect_status(200);
        let mut third = from(&scene.world, ours[2], 1002);
        third.expect_status(429).expect_header("connection", "close");
        assert!(third.header("retry-after").is_some());
        assert!(third.wire().is_closed());
        from(&scene.world, other, 1003).expect_status(200);
        drop(first);
        scene.world.advance(Duration::ZERO);
        from(&scene.world, ours[2], 1004).expect_status(200);
    }
    assert_eq!(scene.refusals("address_too_busy"), 2);
}

#[test]
fn a_trusted_proxy_brings_as_many_as_it_likes() {
    let scene = Scene::with(Routes::new().get("/", || Hello), |server| {
        let server = server.trust_proxies(["192.0.2.1"]);
        server.limits(|limits| limits.connections_per_address_max = Some(1))
    });
    let brought: Vec<_> =
        (0..20).map(|port| from(&scene.world, "192.0.2.1", 1000 + port)).collect();
    assert!(brought.iter().all(|guest| guest.status() == Some(200)));
    let _other = from(&scene.world, "192.0.2.2", 1000);
    from(&scene.world, "192.0.2.2", 1001).expect_status(429);
}

#[test]
fn addresses_are_not_counted_unless_that_is_asked_for() {
    let scene = scene(|_| {});
    let guests: Vec<_> =
        (0..500).map(|port| from(&scene.world, "192.0.2.1", 1000 + port)).collect();
    assert!(guests.iter().all(|guest| guest.status() == Some(200)));
    assert_eq!(scene.refusals("address_too_busy"), 0);
}

#[test]
fn more_than_so_many_a_second_wait_to_be_accepted() {
    let scene = scene(|limits| limits.accepts_per_second_max = Some(10));
    let guests: Vec<_> = (0..31).map(|_| scene.world.get("/")).collect();
    let answered = || guests.iter().filter(|guest| guest.status() == Some(200)).count();
    assert_eq!(answered(), 10, "a second's worth comes in at once");
    scene.world.advance(Duration::from_millis(50));
    assert_eq!(answered(), 10);
    scene.world.advance(Duration::from_millis(951));
    assert_eq!(answered(), 20);
    scene.world.advance(Duration::from_millis(1100));
    assert_eq!(answered(), 31, "nobody is refused");
}

#[test]
fn the_log_is_told_of_an_attack_once_a_second() {
    let scene = scene(|limits| limits.connections_max = Some(0));
    for _ in 0..100 {
        for _ in 0..5 {
            scene.world.get("/").expect_status(503);
        }
        scene.world.advance(Duration::from_millis(50));
    }
    assert_eq!(scene.refusals("connection_too_many"), 500);
    let text = scene.log.text();
    let lines = text.lines().filter(|line| line.contains("WARN")).count();
    assert!((5..=7).contains(&lines), "{lines} lines in 6 seconds");
}
