//! Bodies: how long they may be, how long they may pause, and how slowly they may drip.

use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::trial::{Trial, Visit};

use super::Scene;

/// Says how much it was sent.
#[action(transport = regular)]
struct Scales;

#[callbacks]
impl Scales {
    #[on_data]
    fn weigh(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        cx.render(format!("{} bytes", body.len()));
        cx.finish();
    }
}

/// Says how much it was sent, and keeps none of it.
#[action(transport = regular, body_bytes_max = 1024 * 1024)]
#[derive(Default)]
struct Gauge {
    bytes: usize,
}

#[callbacks]
impl Gauge {
    #[on_data(stream)]
    fn measure(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        self.bytes += part.bytes.len();
        if part.is_last {
            cx.render(format!("{} bytes", self.bytes));
            cx.finish();
        }
    }
}

/// Takes what a thermometer has to say, now and then.
#[action(transport = regular, body_rate_min = 0)]
struct Log;

#[callbacks]
impl Log {
    #[on_data(stream)]
    fn note(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        if part.is_last {
            cx.finish();
        }
    }
}

/// Answers in a moment, and takes no body.
#[action(transport = regular)]
struct Bell;

#[callbacks]
impl Bell {
    #[on_start]
    fn ring(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_millis(1), |_, cx| {
            cx.render("ding");
            cx.finish();
        });
    }
}

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    let routes =
        Routes::new().post("/", || Scales).post("/gauge", Gauge::default).post("/log", || Log);
    Scene::new(routes.post("/bell", || Bell), set)
}

#[test]
fn a_body_may_have_so_many_bytes() {
    let scene = scene(|limits| limits.body_bytes_max = 1000);
    for (bytes, status) in [(1000, 200), (1001, 413)] {
        scene.world.post("/", vec![b'x'; bytes]).expect_status(status);
        let mut chunked = scene.world.connect();
        let head = "POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n";
        let chunk = format!("{head}{bytes:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(bytes));
        chunked.send_bytes(chunk.as_bytes());
        chunked.expect_status(status);
    }
    assert_eq!(scene.refusals("body_too_long"), 2);
}

#[test]
fn a_form_that_is_too_long_for_one_is_a_body_like_any_other() {
    let scene = scene(|limits| {
        limits.form_bytes_max = 100;
        limits.body_bytes_max = 200;
    });
    for (bytes, status) in [(100, 200), (101, 200), (200, 200), (201, 413)] {
        let form = Visit::post("/", vec![b'x'; bytes]);
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        scene.world.visit(form).expect_status(status);
    }
}

#[test]
fn a_sender_may_leave_a_body_without_a_byte_for_so_long() {
    let scene = scene(|limits| limits.body_timeout = Duration::from_secs(30));
    for (silence, status) in [(29_999, Some(200)), (30_000, Some(408))] {
        let mut sender = scene.world.visit(Visit::post("/", "").announcing(20_000));
        sender.send_bytes(&[b'x'; 10_000]);
        sender.advance(Duration::from_millis(silence));
        if sender.status().is_none() {
            sender.send_bytes(&[b'x'; 10_000]);
        }
        assert_eq!(sender.status(), status, "after {silence} ms");
    }
    assert_eq!(scene.refusals("body_timeout"), 1);
}

/// Its connection was taken for one on which a body is still to come.
#[test]
fn a_body_without_a_byte_is_not_waited_for() {
    let scene = scene(|limits| {
        limits.body_timeout = Duration::from_secs(10);
        limits.idle_timeout = Duration::from_secs(60);
    });
    let mut sender = scene.world.visit(Visit::post("/bell", "").announcing(0));
    sender.advance(Duration::from_secs(1)).expect_status(200).expect_render("ding");
    sender.advance(Duration::from_secs(58));
    assert!(!sender.wire().is_closed(), "it may ask again");
    sender.advance(Duration::from_secs(3));
    assert!(sender.wire().is_closed(), "it did not");
}

/// Sends a body of a minute at a steady rate; says how it was answered.
fn drip(scene: &Scene, path: &str, bytes_a_second: usize) -> Option<u16> {
    let body_bytes = 60 * bytes_a_second;
    let visit = Visit::post(path, "").announcing(body_bytes as u64);
    drip_into(&mut scene.world.visit(visit), bytes_a_second)
}

fn drip_into(sender: &mut Trial, bytes_a_second: usize) -> Option<u16> {
    for _ in 0..60 {
        sender.send_bytes(&vec![b'x'; bytes_a_second]);
        sender.advance(Duration::from_secs(1));
        if sender.status().is_some() {
            break;
        }
    }
    sender.status()
}

#[test]
fn a_body_may_drip_at_so_many_bytes_a_second_and_no_slower() {
    let scene = scene(|limits| limits.body_rate_min = 100);
    for path in ["/", "/gauge"] {
        assert_eq!(drip(&scene, path, 100), Some(200), "{path}");
        assert_eq!(drip(&scene, path, 99), Some(408), "{path}");
    }
    let form = Visit::post("/", "").header("content-type", "application/x-www-form-urlencoded");
    for (bytes_a_second, status) in [(100, 200), (99, 408)] {
        let form = form.clone().announcing(60 * bytes_a_second as u64);
        assert_eq!(drip_into(&mut scene.world.visit(form), bytes_a_second), Some(status));
    }
    assert_eq!(scene.refusals("body_timeout"), 3);
}

#[test]
fn a_body_that_drips_a_byte_a_second_ends_by_default() {
    let scene = scene(|_| {});
    let mut sender = scene.world.visit(Visit::post("/gauge", "").announcing(1_000_000));
    for second in 0..30 {
        assert_eq!(sender.status(), None, "after {second} s");
        sender.send_bytes(b"x");
        sender.advance(Duration::from_secs(1));
    }
    sender.expect_status(408).expect_finish(FinishReason::Failed);
}

#[test]
fn what_came_fast_before_is_no_credit_for_dripping() {
    let scene = scene(|_| {});
    let mut sender = scene.world.visit(Visit::post("/gauge", "").announcing(1_000_000));
    sender.send_bytes(&[b'x'; 500_000]);
    sender.advance(Duration::from_secs(30));
    assert_eq!(drip_into(&mut sender, 1), Some(408));
}

#[test]
fn without_a_rate_a_body_may_drip() {
    let free = scene(|limits| limits.body_rate_min = 0);
    assert_eq!(drip(&free, "/gauge", 1), Some(200));
    let strict = scene(|limits| limits.body_rate_min = 1000);
    assert_eq!(drip(&strict, "/log", 1), Some(200), "the action says so");
}
