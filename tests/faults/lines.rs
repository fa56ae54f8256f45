//! Lines that break: a reset or an end in the middle of anything leaves nothing behind.

use crampon::trial::{Trial, World};

use super::*;

/// Takes a body part by part.
#[action(transport = regular)]
struct Upload;

#[callbacks]
impl Upload {
    #[on_data(stream)]
    fn part(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        if part.is_last {
            cx.finish();
        }
    }
}

/// Says something every second, on whatever wire it is asked for.
#[action(transport = websocket | sse | chunked, subscribe = "news")]
struct Talker;

#[callbacks]
impl Talker {
    #[periodic_timer(every = "1s")]
    fn talk(&mut self, cx: &mut Context<Self>) {
        cx.render("still here");
    }

    #[on_data]
    fn hear(&mut self, _: &mut Context<Self>, _: &str) {}
}

fn house() -> World {
    let routes = Routes::new()
        .at("/talk", || Talker)
        .at("/echo", || Echo)
        .post("/upload", || Upload)
        .get("/hello", || Hello);
    World::new(routes)
}

/// Those who are in the middle of something.
fn in_the_middle(world: &World) -> Vec<(&'static str, Trial)> {
    let upload = |head: &str| {
        let trial = world.connect();
        trial.send_bytes(format!("POST /upload HTTP/1.1\r\nHost: a\r\n{head}").as_bytes());
        trial
    };
    let socket = |bytes: &[u8]| {
        let socket = world.socket("/talk");
        socket.send_bytes(bytes);
        socket
    };
    let head = world.connect();
    head.send_bytes(b"GET /hello HTTP/1.1\r\nHo");
    let slow = world.events("/talk");
    slow.wire().set_window(Some(3));
    vec![
        ("a head", head),
        ("a body", upload("Content-Length: 100\r\n\r\nhalf")),
        ("a chunk", upload("Transfer-Encoding: chunked\r\n\r\n64\r\nhalf")),
        ("the size of a chunk", upload("Transfer-Encoding: chunked\r\n\r\n6")),
        ("a frame", socket(b"\x81\x85\0\0\0\0he")),
        ("the head of a frame", socket(b"\x81")),
        ("a message in fragments", socket(b"\x01\x82\0\0\0\0he")),
        ("a stream", world.events("/talk")),
        ("an event nobody takes", slow),
        ("chunks", world.get("/talk")),
        ("nothing", world.connect()),
    ]
}

#[test]
fn a_reset_in_the_middle_of_anything_leaves_nothing_behind() {
    let world = house();
    let at_first = world.gauges();
    for (middle, viewer) in in_the_middle(&world) {
        viewer.wire().reset();
        world.advance(Duration::ZERO);
        assert!(viewer.wire().is_closed(), "in the middle of {middle}");
    }
    assert_eq!(world.gauges(), at_first);
    world.get("/hello").expect_render("hello");
}

#[test]
fn an_end_in_the_middle_of_anything_leaves_nothing_behind() {
    let world = house();
    let at_first = world.gauges();
    for (middle, mut viewer) in in_the_middle(&world) {
        viewer.half_close();
        world.advance(seconds(60));
        assert!(viewer.wire().is_closed(), "in the middle of {middle}");
    }
    assert_eq!(world.gauges(), at_first);
}

#[test]
fn a_complete_request_is_answered_though_its_sender_has_ended() {
    let world = house();
    let mut viewer = world.connect();
    viewer.send_bytes(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    viewer.half_close();
    viewer.expect_status(200).expect_render("hello");
}
