//! Complaints about the protocols: handshakes, headers, bodies, what proxies do.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

use super::messages;

/// Lets in who comes from our pages and may enter the room.
#[action(transport = websocket | sse, origins = "https://ours.example")]
struct Guarded;

#[callbacks]
impl Guarded {
    #[before_start]
    fn name(&mut self, cx: &mut Context<Self>) {
        cx.set_header("x-served-by", "guarded");
    }

    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        if cx.cookie("session").is_none() {
            cx.close(1008, "log in first");
            return Ok(());
        }
        let room: String = cx.param("room")?;
        cx.render(format!("welcome to {room}"));
        Ok(())
    }
}

fn ours(visit: Visit) -> Visit {
    visit.header("origin", "https://ours.example").header("cookie", "session=7")
}

/// Any page of the web could open a socket, because nobody asked where it came from.
#[test]
fn a_socket_from_a_strange_page_is_refused_before_it_is_one() {
    for origin in ["https://theirs.example", "https://ours.example.theirs.example", "null"] {
        let visit = Visit::socket("/?room=blue").header("origin", origin);
        let mut refused = Trial::visit(Guarded, visit);
        refused.expect_status(403);
    }
}

#[test]
fn a_socket_without_its_cookie_may_be_told_so_by_code() {
    let visit = Visit::socket("/?room=blue").header("origin", "https://ours.example");
    Trial::visit(Guarded, visit).expect_status(101).expect_close(1008);
}

/// The query of a socket's address was lost on the way.
#[test]
fn a_socket_knows_the_query_of_its_address() {
    let visit = ours(Visit::socket("/?room=deep%20blue"));
    Trial::visit(Guarded, visit).expect_render("welcome to deep blue");
}

/// Streams and handshakes had a fixed head.
#[test]
fn streams_and_handshakes_carry_the_actions_headers() {
    for (visit, status) in [(Visit::socket("/?room=a"), 101), (Visit::events("/?room=a"), 200)] {
        let mut guarded = Trial::visit(Guarded, ours(visit));
        guarded.expect_status(status);
        guarded.expect_header("x-served-by", "guarded");
    }
}

/// Proxies gathered events, and delivered them all at once.
#[test]
fn an_event_stream_asks_proxies_neither_to_gather_nor_to_keep_it() {
    let mut events = Trial::visit(Guarded, ours(Visit::events("/?room=a")));
    events.expect_header("x-accel-buffering", "no").expect_header("cache-control", "no-store");
}

/// Says what it hears.
#[action(transport = websocket | regular)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn received(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Clients that offered a compression nobody knew were sent away, or spoken to in it.
#[test]
fn an_extension_nobody_knows_is_not_agreed_on() {
    let visit = Visit::socket("/").header("sec-websocket-extensions", "x-webkit-deflate-frame");
    let mut echo = Trial::visit(Echo, visit);
    echo.expect_status(101).send("hello").expect_render("hello");
    assert_eq!(echo.header("sec-websocket-extensions"), None);
}

/// Bits of an extension that was not agreed on were passed over, and the frame taken for text.
#[test]
fn a_frame_with_reserved_bits_is_a_breach() {
    let mut frame = messages(&["hello"]);
    frame[0] |= 0x40;
    let mut echo = Trial::start(Echo);
    echo.send_bytes(&frame);
    echo.expect_close(1002);
}

/// Bodies without a length were cut at the first read.
#[test]
fn a_chunked_request_body_is_whole() {
    let world = World::new(Routes::new().at("/", || Echo));
    let body = "all of it, ".repeat(1_000);
    let mut request = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for piece in body.as_bytes().chunks(999) {
        request.extend(format!("{:x}\r\n", piece.len()).bytes());
        request.extend_from_slice(piece);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    for bytes_at_once in [1, 7, 1_000, request.len()] {
        let mut upload = world.connect();
        for piece in request.chunks(bytes_at_once) {
            upload.send_bytes(piece);
        }
        upload.expect_status(200).expect(Heard::Body(body.clone().into_bytes())).expect_end();
    }
}

/// A path of more than 1,024 bytes was an error without a name.
#[test]
fn a_long_target_is_served_and_too_long_a_one_is_named() {
    #[action(transport = regular)]
    struct Counts;

    #[callbacks]
    impl Counts {
        #[on_start]
        fn answer(&mut self, cx: &mut Context<Self>) {
            cx.render(cx.path().len().to_string());
            cx.finish();
        }
    }

    let world = World::new(Routes::new().at("/{*path}", || Counts));
    world.get(&format!("/{}", "a".repeat(2_000))).expect_status(200).expect_render("2001");
    world.get(&format!("/{}", "a".repeat(100_000))).expect_status(414);
}

/// A path that is there with another method was said not to be there.
#[test]
fn the_wrong_method_is_told_the_right_ones() {
    let world = World::new(Routes::new().at("/", || Guarded));
    let mut refused = world.post("/", "hello");
    refused.expect_status(405).expect_header("allow", "GET, HEAD");
}
