//! Requests: how long a head may be and take, and how many a connection may make.

use std::time::Duration;

use crampon::prelude::*;
use crampon::trial::{Heard, Visit};

use super::{Hello, Scene};

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    Scene::new(Routes::new().get("/{*path}", || Hello).get("/", || Hello), set)
}

/// A head of exactly so many bytes.
fn head_of(bytes: usize) -> Vec<u8> {
    let frame = "GET / HTTP/1.1\r\nhost: trial.test\r\nname: \r\n\r\n";
    let value = "v".repeat(bytes - frame.len());
    frame.replace("name: ", &format!("name: {value}")).into_bytes()
}

#[test]
fn a_head_may_have_so_many_bytes() {
    let scene = scene(|limits| limits.head.head_bytes_max = 1000);
    for (bytes, status) in [(1000, 200), (1001, 431)] {
        let mut guest = scene.world.connect();
        guest.send_bytes(&head_of(bytes));
        guest.expect_status(status);
    }
    assert_eq!(scene.refusals("head_too_long"), 1);
}

#[test]
fn a_head_may_have_so_many_fields() {
    // Three are the viewer's own, with its `Host`.
    let own = scene(|limits| limits.head.headers_max = 10);
    for (added, status) in [(9, 200), (10, 431)] {
        let visit = (0..added).fold(Visit::get("/"), |visit, _| visit.header("name", "value"));
        own.world.visit(visit).expect_status(status);
    }
    assert_eq!(own.refusals("head_too_long"), 1);
}

#[test]
fn a_target_may_have_so_many_bytes() {
    let scene = scene(|limits| limits.head.target_bytes_max = 100);
    for (bytes, status) in [(100, 200), (101, 414)] {
        scene.world.get(&format!("/{}", "a".repeat(bytes - 1))).expect_status(status);
    }
    assert_eq!(scene.refusals("head_too_long"), 1);
}

#[test]
fn a_head_may_take_so_long_in_all_however_steadily_it_drips() {
    let scene = scene(|limits| limits.head_timeout = Duration::from_secs(10));
    for (pauses, status) in [(9, 200), (10, 408)] {
        let mut guest = scene.world.connect();
        guest.send_bytes(b"GET / HTTP/1.1\r\nhost: trial.test\r\nname: ");
        for _ in 0..pauses {
            guest.advance(Duration::from_secs(1));
            if guest.status().is_none() {
                guest.send_bytes(b"v");
            }
        }
        if guest.status().is_none() {
            guest.send_bytes(b"\r\n\r\n");
        }
        guest.expect_status(status);
    }
    assert_eq!(scene.refusals("head_timeout"), 1);
}

#[test]
fn who_says_nothing_at_all_is_closed_without_a_word() {
    let scene = scene(|limits| limits.head_timeout = Duration::from_secs(10));
    let mut silent = scene.world.connect();
    silent.advance(Duration::from_millis(9_999));
    assert!(!silent.wire().is_closed());
    silent.advance(Duration::from_millis(1));
    assert!(silent.wire().is_closed());
    silent.expect(Heard::Cut).expect_nothing();
}

#[test]
fn between_two_requests_a_connection_may_be_idle_for_so_long() {
    let scene = scene(|limits| limits.idle_timeout = Duration::from_secs(75));
    let mut guest = scene.world.get("/");
    guest.expect_status(200).expect_render("Hello World!").expect_end();
    guest.advance(Duration::from_millis(74_999)).again(Visit::get("/"));
    guest.expect_status(200).expect_render("Hello World!").expect_end();
    guest.advance(Duration::from_secs(75));
    assert!(guest.wire().is_closed());
}

#[test]
fn the_last_request_a_connection_may_make_is_answered_with_its_end() {
    let scene = scene(|limits| limits.requests_per_connection_max = 3);
    let mut guest = scene.world.get("/");
    for _ in 0..2 {
        guest.expect_status(200).expect_render("Hello World!").expect_end();
        assert_eq!(guest.header("connection"), None);
        guest.again(Visit::get("/"));
    }
    guest.expect_status(200).expect_header("connection", "close");
    guest.expect_render("Hello World!").expect_end();
    assert!(guest.wire().has_finished());
}

#[test]
fn what_is_pipelined_behind_the_last_request_does_not_cost_it_its_answer() {
    let scene = scene(|limits| limits.requests_per_connection_max = 1);
    let mut guest = scene.world.connect();
    let request = b"GET / HTTP/1.1\r\nhost: trial.test\r\n\r\n";
    guest.send_bytes(&request.repeat(3));
    guest.expect_status(200).expect_render("Hello World!").expect_end();
    guest.send_bytes(request);
    guest.expect_nothing();
    guest.advance(Duration::from_secs(3));
    assert!(guest.wire().is_closed() && !guest.wire().was_reset());
}

#[test]
fn a_request_that_no_action_answers_counts_too() {
    let scene = scene(|limits| limits.requests_per_connection_max = 2);
    let mut guest = scene.world.visit(Visit::post("/", ""));
    guest.expect_status(405).again(Visit::post("/", ""));
    guest.expect_header("connection", "close");
}
