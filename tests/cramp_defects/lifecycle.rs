//! Defects 5 to 11 and 13: refusals, endings, and what arrives.

use std::cell::RefCell;

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

use super::{messages, seconds};

/// Defect 5: a head that failed was answered with 500, and the action started none the less.
#[test]
fn a_head_that_fails_starts_nothing() {
    #[action(transport = sse)]
    struct Fails(Rc<RefCell<u32>>);

    #[callbacks]
    impl Fails {
        #[before_start]
        fn respond_with(&mut self, cx: &mut Context<Self>) {
            cx.set_header("x-broken", "a\r\nb");
        }

        #[on_start]
        #[periodic_timer(every = "1s")]
        #[on_finish]
        fn run(&mut self, _cx: &mut Context<Self>) {
            *self.0.borrow_mut() += 1;
        }
    }

    let runs = Rc::default();
    let mut fails = Trial::start(Fails(Rc::clone(&runs)));
    fails.expect_status(500).advance(seconds(60)).expect_no_finish();
    assert_eq!(*runs.borrow(), 0);
}

/// Defect 6: with the head already out, a refusal was a second answer.
#[test]
fn a_refusal_is_the_only_answer_on_every_wire() {
    macro_rules! refusing {
        ($($name:ident: $transport:ident,)*) => { $(
            #[action(transport = $transport)]
            struct $name;

            #[callbacks]
            impl $name {
                #[before_start]
                fn refuse(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
                    Err(Halt::new(401, "who are you?").header("www-authenticate", "Basic"))
                }
            }
        )* };
    }
    refusing! { A: regular, B: chunked, C: sse, D: long_polling, E: websocket, }

    for mut refused in
        [Trial::start(A), Trial::start(B), Trial::start(C), Trial::start(D), Trial::start(E)]
    {
        refused.expect_status(401).expect_header("www-authenticate", "Basic");
        refused.expect_header("content-length", "12").expect_render("who are you?");
        refused.expect_end().expect_nothing().expect_no_finish();
    }
}

/// Closes its socket as the test wants.
#[action(transport = websocket)]
struct Closes(fn(&mut Context<Self>));

#[callbacks]
impl Closes {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        cx.render("goodbye");
        (self.0)(cx);
    }
}

/// Defect 7: `finish` left the socket open, or cut it without a word.
#[test]
fn finish_closes_a_socket_by_its_handshake_after_all_that_was_said() {
    let mut closes = Trial::start(Closes(|cx| cx.finish()));
    closes
        .expect_render("goodbye")
        .expect(Heard::Close { code: Some(1000), reason: String::new() });
    closes.expect_end().expect_finish(FinishReason::Finished);
}

/// Defect 7: neither code nor reason could be said.
#[test]
fn a_socket_closes_with_the_code_and_the_reason_of_its_action() {
    for (closes, code, reason) in [
        ((|cx| cx.close(1008, "not you")) as fn(&mut Context<Closes>), 1008, "not you"),
        (|cx| cx.close(1001, "going away"), 1001, "going away"),
        (|cx| cx.close(3000, "Application error"), 3000, "Application error"),
        (|cx| cx.close(4999, ""), 4999, ""),
    ] {
        let mut closes = Trial::start(Closes(closes));
        closes.expect_render("goodbye");
        closes.expect(Heard::Close { code: Some(code), reason: reason.into() }).expect_end();
    }
}

/// A code that only stands for what was not said, or for nothing.
#[test]
fn a_code_that_may_not_be_sent_fails_its_callback() {
    for closes in [
        (|cx| cx.close(1005, "")) as fn(&mut Context<Closes>),
        |cx| cx.close(1006, ""),
        |cx| cx.close(1015, ""),
        |cx| cx.close(999, ""),
        |cx| cx.close(5000, ""),
    ] {
        let mut closes = Trial::start(Closes(closes));
        closes.expect_render("goodbye").expect_close(1011).expect_finish(FinishReason::Failed);
    }
}

/// Defect 8: a plain request to a socket's action was never answered.
#[test]
fn a_plain_request_for_a_socket_is_told_to_upgrade() {
    let mut plain = Trial::visit(Closes(|_| {}), Visit::get("/"));
    plain.expect_status(426).expect_header("upgrade", "websocket");
    plain.expect_header("sec-websocket-version", "13");
}

/// Defect 9: `finished?` stayed false after a disconnect, and whoever forgot to unsubscribe
/// rendered into the void for ever.
#[test]
fn an_instance_that_ended_hears_nothing_and_is_gone() {
    #[action(transport = sse)]
    struct Forgetful(Rc<RefCell<Vec<String>>>);

    #[callbacks]
    impl Forgetful {
        #[on_start]
        fn join(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("room");
        }

        #[on_message]
        fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
            self.0.borrow_mut().push(message.as_text().unwrap_or_default().to_owned());
            cx.render(message);
        }
    }

    let heard = Rc::default();
    let recipe = {
        let heard = Rc::clone(&heard);
        move || Forgetful(Rc::clone(&heard))
    };
    let world = World::new(Routes::new().at("/", recipe));
    let mut viewer = world.events("/");
    world.publish("room", "while here");
    assert_eq!(Rc::strong_count(&heard), 3);
    viewer.hang_up();
    world.publish("room", "while gone");
    assert_eq!(*heard.borrow(), ["while here"]);
    assert_eq!(Rc::strong_count(&heard), 2, "the instance is gone with its viewer");
}

/// Defect 10: the page of development was a printed list with a page inside.
#[test]
fn the_error_page_of_development_is_one_page_and_shows_what_it_quotes() {
    #[action(transport = sse)]
    struct Fails;

    #[callbacks]
    impl Fails {
        #[before_start]
        fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), &'static str> {
            Err("<b>no database</b>")
        }
    }

    let world = World::with(Routes::new().at("/", || Fails), |server| server.development(true));
    let mut page = world.get("/?a=<script>");
    page.expect_status(500).expect_header("content-type", "text/html; charset=utf-8");
    let page = page.heard()[0].rendered().expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{page}");
    assert_eq!(page.matches("<html").count(), 1);
    assert!(page.contains("&lt;b&gt;no database&lt;/b&gt;") && !page.contains("<b>"), "{page}");
    assert!(page.contains("Fails::check") && page.contains("lifecycle.rs"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
}

/// Says what it was given, and of what kind it was.
#[action(transport = websocket | regular)]
struct Takes;

#[callbacks]
impl Takes {
    #[on_data]
    fn received(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        match data {
            Data::Text(text) => cx.render(format!("text {text}")),
            Data::Binary(bytes) => cx.render(format!("binary {bytes:?}")),
            Data::Body(bytes) => cx.render(format!("body {}", String::from_utf8_lossy(bytes))),
        }
    }
}

/// Defect 11: bodies were nobody's, and binary messages were dropped.
#[test]
fn bodies_and_binary_messages_are_data_too() {
    let world = World::new(Routes::new().at("/", || Takes));
    let mut socket = world.socket("/");
    socket.send("a").send_binary(&[1, 2]).expect_render("text a").expect_render("binary [1, 2]");
    world.post("/", "hello").expect_status(200).expect_render("body hello").expect_end();
}

/// Defect 11: how a socket ended was nowhere to be seen.
#[test]
fn on_finish_knows_how_a_socket_was_closed() {
    let mut closed = Trial::start(Takes);
    closed.close(4000, "bye").expect_finish(FinishReason::Disconnected { code: Some(4000) });
    let mut cut = Trial::start(Takes);
    cut.hang_up().expect_finish(FinishReason::Disconnected { code: None });
}

/// Defect 11: pings are answered without an action, each with what it says.
#[test]
fn a_ping_is_answered_with_its_own_payload() {
    let mut socket = Trial::start(Takes);
    socket.ping(b"one").ping(b"");
    assert_eq!(socket.heard(), [Heard::Pong(b"one".to_vec()), Heard::Pong(Vec::new())]);
}

/// Defect 13: of two messages in one read the second was lost.
#[test]
fn messages_that_arrive_together_are_handed_over_one_by_one() {
    let socket = &mut Trial::start(Takes);
    socket.send_bytes(&messages(&["one", "two", "three"]));
    socket.expect_render("text one").expect_render("text two").expect_render("text three");
    socket.expect_nothing();
}

/// Beside defect 13: wherever a read ends.
#[test]
fn a_message_may_arrive_in_any_pieces() {
    let bytes = messages(&["one", "two"]);
    for cut in 1..bytes.len() {
        let mut socket = Trial::start(Takes);
        socket.send_bytes(&bytes[..cut]);
        socket.send_bytes(&bytes[cut..]);
        socket.expect_render("text one").expect_render("text two").expect_nothing();
    }
}
