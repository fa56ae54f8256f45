//! `finish`: the end in good order, and what becomes of the connection.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, World};
use crampon_tests::on_every_transport;

use crate::{head, http10, seconds};

on_every_transport! { speaking:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.finish();
    }
}

#[test]
fn a_body_ends_a_stream_ends_and_a_socket_closes_with_1000() {
    for stage in speaking::stages() {
        let mut viewer = stage.visit();
        viewer.expect_status(stage.success()).expect_render("hello");
        if stage.transport == Transport::Websocket {
            viewer.expect(Heard::Close { code: Some(1000), reason: String::new() });
        }
        viewer.expect_end().expect_nothing().expect_finish(FinishReason::Finished);
    }
}

#[test]
fn the_connection_is_used_again_where_the_body_says_its_end() {
    for stage in speaking::stages() {
        let mut viewer = stage.visit();
        let is_closed = matches!(stage.transport, Transport::Sse | Transport::Websocket);
        assert_eq!(viewer.wire().has_finished(), is_closed, "{}", stage.transport);
        if !is_closed {
            viewer.expect_render("hello").expect_end();
            viewer.again(stage.request()).expect_render("hello").expect_end();
        }
    }
}

on_every_transport! { silent:
    #[on_start]
    fn end(&mut self, cx: &mut Context<Self>) {
        cx.finish();
    }
}

#[test]
fn one_who_rendered_nothing_ends_with_an_empty_body_or_204_for_a_poll() {
    for stage in silent::stages() {
        let mut viewer = stage.visit();
        match stage.transport {
            Transport::Regular => {
                viewer.expect_status(200).expect_header("content-length", "0").expect_end()
            }
            Transport::LongPolling => {
                assert_eq!(head(&viewer), ["cache-control: no-store"]);
                viewer.expect_status(204).expect_end().again(stage.request()).expect_status(204)
            }
            Transport::Websocket => viewer.expect_close(1000).expect_end(),
            Transport::Sse | Transport::Chunked => viewer.expect_status(200).expect_end(),
        };
    }
}

#[test]
fn a_socket_closes_with_the_code_and_the_reason_it_is_given() {
    #[action(transport = websocket | regular)]
    struct Leaves;

    #[callbacks]
    impl Leaves {
        #[on_start]
        fn leave(&mut self, cx: &mut Context<Self>) {
            cx.render("bye");
            cx.close(4000, "moved");
        }
    }

    let world = World::new(Routes::new().at("/", || Leaves));
    let mut socket = world.socket("/");
    socket.expect_render("bye").expect(Heard::Close { code: Some(4000), reason: "moved".into() });
    socket.expect_end().expect_finish(FinishReason::Finished);
    world.get("/").expect_status(200).expect_render("bye").expect_end();
}

#[test]
fn a_code_that_may_not_be_sent_fails_the_callback() {
    #[action(transport = websocket)]
    struct Leaves(u16);

    #[callbacks]
    impl Leaves {
        #[on_start]
        fn leave(&mut self, cx: &mut Context<Self>) {
            cx.close(self.0, "");
        }
    }

    for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
        Trial::start(Leaves(code)).expect_close(1011).expect_finish(FinishReason::Failed);
    }
}

on_every_transport! { asked_in_1_0:
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_secs(1), |_, cx| cx.render("one"));
        cx.after(Duration::from_secs(2), |_, cx| {
            cx.render("two");
            cx.finish();
        });
    }
}

/// HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
#[test]
fn in_http_1_0_the_end_of_the_connection_is_the_end_of_a_body() {
    for stage in asked_in_1_0::stages().into_iter().take(4) {
        let mut viewer = http10(&stage.world, "/", "connection: keep-alive\r\n");
        viewer.advance(seconds(2)).expect_status(200).expect_render("one");
        assert_eq!(viewer.header("transfer-encoding"), None, "{}", stage.transport);
        if stage.transport == Transport::LongPolling {
            viewer.expect_header("content-length", "3").expect_end();
            continue;
        }
        assert_eq!(viewer.header("content-length"), None, "{}", stage.transport);
        viewer.expect_header("connection", "close").expect_render("two").expect_end();
    }
}

#[test]
fn in_http_1_0_a_connection_lives_on_if_it_is_asked_to_and_the_length_is_known() {
    for stage in speaking::stages().into_iter().take(4) {
        let has_length = matches!(stage.transport, Transport::Regular | Transport::LongPolling);
        for (asks, connection) in [
            ("connection: keep-alive\r\n", if has_length { "keep-alive" } else { "close" }),
            ("", "close"),
        ] {
            let mut viewer = http10(&stage.world, "/", asks);
            viewer.expect_status(200).expect_header("connection", connection);
            viewer.expect_render("hello").expect_end();
            let is_closed = viewer.wire().has_finished();
            assert_eq!(is_closed, connection == "close", "{} {asks:?}", stage.transport);
        }
    }
}
