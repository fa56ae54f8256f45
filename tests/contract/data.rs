//! Line 5: `on_data` hears every message and every body, once, in the kind it asks for.

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};
use crampon_tests::stage::{Diary, Listening};
use http::Method;

use crate::seconds;

/// Notes what it hears; its viewers come on any transport.
#[action(transport = websocket | sse | regular)]
struct Desk {
    diary: Diary,
}

#[callbacks]
impl Desk {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        if cx.transport() == Transport::Regular {
            cx.after(Duration::from_secs(1), |_, cx| cx.finish());
        }
    }

    #[on_data]
    fn heard(&mut self, _cx: &mut Context<Self>, data: Data<'_>) {
        self.diary.note(match data {
            Data::Text(text) => format!("text {text}"),
            Data::Binary(bytes) => format!("binary {bytes:?}"),
            Data::Body(bytes) => format!("body {}", String::from_utf8_lossy(bytes)),
        });
    }
}

fn desk() -> (World, Diary) {
    let diary = Diary::default();
    let [all, put, patch] = std::array::from_fn(|_| {
        let pen = diary.clone();
        move || Desk { diary: pen.clone() }
    });
    (World::new(Routes::new().at("/", all).put("/", put).patch("/", patch)), diary)
}

#[test]
fn every_message_of_a_socket_is_heard_once() {
    let (world, diary) = desk();
    let mut viewer = world.socket("/");
    viewer.send("one").send("").send_binary(&[1, 2]).send_binary(&[]);
    diary.expect(&["text one", "text ", "binary [1, 2]", "binary []"]);
}

#[test]
fn two_messages_in_one_read_are_two_calls() {
    let (world, diary) = desk();
    let viewer = world.socket("/");
    // Two text frames of one letter each, masked with zeroes.
    viewer.send_bytes(b"\x81\x81\0\0\0\0a\x81\x81\0\0\0\0b");
    diary.expect(&["text a", "text b"]);
}

#[test]
fn a_message_in_fragments_is_one_call() {
    let (world, diary) = desk();
    let viewer = world.socket("/");
    viewer.send_bytes(b"\x01\x81\0\0\0\0a");
    diary.expect(&[]);
    viewer.send_bytes(b"\x80\x81\0\0\0\0b");
    diary.expect(&["text ab"]);
}

#[test]
fn the_body_of_a_post_put_or_patch_is_heard_once() {
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let (world, diary) = desk();
        let mut viewer = world.visit(Visit::new(method.clone(), "/").announcing(5));
        viewer.send_bytes(b"he");
        diary.expect(&[]);
        viewer.send_bytes(b"llo");
        diary.expect(&["body hello"]);
        viewer.advance(seconds(1)).expect_end();
        diary.expect(&[]);
    }
}

#[test]
fn an_empty_body_is_heard_too() {
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let (world, diary) = desk();
        let _viewer = world.visit(Visit::new(method.clone(), "/").body(""));
        diary.expect(&["body "]);
    }
}

#[test]
fn a_body_in_chunks_is_heard_once() {
    let (world, diary) = desk();
    let viewer = world.connect();
    viewer.send_bytes(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
    viewer.send_bytes(b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
    diary.expect(&["body hello"]);
}

#[test]
fn the_body_of_a_get_or_head_is_never_heard() {
    for method in [Method::GET, Method::HEAD] {
        let (world, diary) = desk();
        let mut viewer = world.visit(Visit::new(method.clone(), "/").body("hello"));
        viewer.advance(seconds(1)).expect_status(200).expect_end();
        diary.expect(&[]);
        viewer.again(Visit::get("/")).advance(seconds(1)).expect_status(200);
    }
}

/// Takes text only.
#[action(transport = websocket)]
struct Reader;

#[callbacks]
impl Reader {
    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(format!("you said {text}"));
    }
}

/// Takes JSON only.
#[action(transport = websocket)]
struct Adder;

#[callbacks]
impl Adder {
    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, Json(numbers): Json<Vec<u32>>) {
        cx.render(numbers.iter().sum::<u32>().to_string());
    }
}

fn takers() -> World {
    World::new(Routes::new().at("/text", || Reader).at("/json", || Adder))
}

#[test]
fn data_of_the_right_kind_is_read() {
    let world = takers();
    world.socket("/text").send("hi").expect_render("you said hi");
    world.post("/text", "hi").expect_status(200).expect_render("you said hi");
    world.socket("/json").send("[1, 2]").expect_render("3");
    world.post("/json", "[1, 2]").expect_status(200).expect_render("3");
}

#[test]
fn binary_where_text_is_taken_closes_with_1003() {
    for target in ["/text", "/json"] {
        let mut viewer = takers().socket(target);
        viewer.send_binary(b"[1]").expect_close(1003).expect_finish(FinishReason::Failed);
    }
}

#[test]
fn json_that_does_not_read_closes_with_1007() {
    for text in ["", "[1", "{}", "[\"one\"]", "[1] 2"] {
        let mut viewer = takers().socket("/json");
        viewer.send(text).expect_close(1007).expect_finish(FinishReason::Failed);
    }
}

#[test]
fn a_body_that_does_not_read_is_a_400_that_says_why() {
    for (target, body, words) in [
        ("/text", &b"caf\xe9"[..], "not UTF-8 from byte 3 on"),
        ("/json", b"caf\xe9", "not UTF-8 from byte 3 on"),
        ("/json", b"[1", "EOF while parsing"),
        ("/json", b"", "EOF while parsing"),
        ("/json", b"[\"one\"]", "invalid type: string"),
    ] {
        let mut viewer = takers().post(target, body);
        viewer.expect_status(400).expect_header("content-type", "text/plain; charset=utf-8");
        let page = viewer.heard().first().and_then(|heard| heard.rendered()).unwrap_or_default();
        assert!(page.contains(words), "{page}");
    }
}

#[test]
fn what_a_stranger_sends_is_no_error_of_the_action() {
    let log = Listening::listen();
    let world = takers();
    world.post("/json", "[1").expect_status(400);
    world.socket("/json").send("[1").expect_close(1007);
    assert_eq!(log.lines_with("ERROR"), [""; 0]);
}

/// Hears part by part; a part may tell it to rest, or to have work done.
#[action(transport = websocket, body_bytes_max = 1000, message_bytes_max = 100)]
struct Ear {
    diary: Diary,
}

#[callbacks]
impl Ear {
    #[on_data(stream)]
    fn heard(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        let end = if part.is_last { "." } else { "" };
        self.diary.note(format!("{}{end}", String::from_utf8_lossy(part.bytes)));
        if part.bytes == b"rest" {
            cx.pause();
            cx.after(Duration::from_secs(60), |_, cx| cx.resume());
        }
        if part.bytes == b"work" {
            cx.defer(|| "done").then(|this, _, done| this.diary.note(done.unwrap_or("undone")));
        }
    }
}

fn ear() -> (World, Diary) {
    let diary = Diary::default();
    let pen = diary.clone();
    (World::new(Routes::new().at("/", move || Ear { diary: pen.clone() })), diary)
}

#[test]
fn a_streamed_body_is_heard_as_it_arrives() {
    let (world, diary) = ear();
    let mut viewer = world.visit(Visit::new(Method::POST, "/").announcing(6));
    viewer.send_bytes(b"one");
    diary.expect(&["one"]);
    viewer.send_bytes(b"two");
    diary.expect(&["two."]);
    viewer.expect_status(204);
}

#[test]
fn a_streamed_message_is_heard_as_it_arrives() {
    let (world, diary) = ear();
    let viewer = world.socket("/");
    viewer.send_bytes(b"\x01\x83\0\0\0\0one");
    diary.expect(&["one"]);
    viewer.send_bytes(b"\x80\x83\0\0\0\0two");
    diary.expect(&["two."]);
}

#[test]
fn a_stream_of_parts_is_held_to_the_limits_of_bodies_and_messages() {
    let (world, diary) = ear();
    world.visit(Visit::new(Method::POST, "/").announcing(1001)).expect_status(413);
    world.post("/", "x".repeat(1000)).expect_status(204);
    assert_eq!(diary.read().concat().len(), 1000 + ".".len());
    world.socket("/").send(&"x".repeat(101)).expect_close(1009);
    world.socket("/").send(&"x".repeat(100)).expect_nothing();
    assert_eq!(diary.read().concat().len(), 100 + ".".len());
}

#[test]
fn a_result_that_comes_before_the_last_part_does_not_end_the_body() {
    let (world, diary) = ear();
    let mut viewer = world.visit(Visit::new(Method::POST, "/").announcing(8));
    viewer.send_bytes(b"work");
    viewer.advance(seconds(1)).expect_nothing();
    viewer.send_bytes(b"last");
    viewer.expect_status(204);
    diary.expect(&["work", "done", "last."]);
}

#[test]
fn who_is_paused_hears_nothing_until_it_resumes_and_misses_nothing() {
    let (world, diary) = ear();
    let mut viewer = world.visit(Visit::new(Method::POST, "/").announcing(11));
    viewer.send_bytes(b"rest");
    viewer.send_bytes(b"one");
    viewer.send_bytes(b"last");
    diary.expect(&["rest"]);
    viewer.advance(seconds(59));
    diary.expect(&[]);
    viewer.advance(seconds(1)).expect_status(204);
    assert_eq!(diary.read().concat(), "onelast.");
}

#[test]
fn who_pauses_a_socket_keeps_what_was_read_and_the_pong_deadline_rests() {
    let (world, diary) = ear();
    let mut viewer = world.socket("/");
    // Three parts in one read: the pause comes between them.
    viewer.send_bytes(b"\x01\x84\0\0\0\0rest\x00\x83\0\0\0\0one\x80\x84\0\0\0\0last");
    diary.expect(&["rest"]);
    viewer.advance(seconds(59)).expect_no_finish();
    diary.expect(&[]);
    viewer.advance(seconds(1)).expect_no_finish();
    assert_eq!(diary.read().concat(), "onelast.");
}

#[test]
fn an_action_without_on_data_takes_no_post() {
    #[action(transport = regular)]
    struct Deaf;

    #[callbacks]
    impl Deaf {}

    let world = World::new(Routes::new().at("/", || Deaf));
    world.post("/", "hello").expect_status(405).expect_header("allow", "GET, HEAD");
}

#[test]
fn a_message_to_an_action_without_on_data_is_dropped() {
    #[action(transport = websocket)]
    struct Deaf;

    #[callbacks]
    impl Deaf {
        #[periodic_timer(every = "1s")]
        fn tick(&mut self, cx: &mut Context<Self>) {
            cx.render("tick");
        }
    }

    Trial::start(Deaf).send("hello").send_binary(&[1]).advance(seconds(1)).expect_render("tick");
}
