//! Tests 7, 8, 15 to 18 and 21 to 23: what each wire carries.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial};

use super::{Diary, seconds};

#[action(transport = chunked)]
struct Pieces;

#[callbacks]
impl Pieces {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello");
        cx.render("World!");
        cx.finish();
    }
}

/// Test 7. Cramp added `Cache-Control: no-cache`; whether pieces may be kept is the action's to
/// say, as it is for any answer.
#[test]
fn a_chunked_answer_says_so_and_is_html() {
    let mut pieces = Trial::start(Pieces);
    pieces.expect_status(200).expect_header("transfer-encoding", "chunked");
    pieces.expect_header("content-type", "text/html; charset=utf-8");
    assert_eq!(pieces.header("cache-control"), None);
}

/// Test 8.
#[test]
fn each_render_is_a_chunk_and_an_empty_one_is_the_end() {
    let mut pieces = Trial::start(Pieces);
    pieces.expect(Heard::Chunk(b"Hello".to_vec())).expect(Heard::Chunk(b"World!".to_vec()));
    pieces.expect_end();
}

/// What the suite never covered: Cramp counted characters where the wire counts bytes.
#[test]
fn chunks_are_counted_in_bytes() {
    #[action(transport = chunked)]
    struct Verse;

    #[callbacks]
    impl Verse {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            for word in ["Zürich", "東京", "🧗"] {
                cx.render(word);
            }
            cx.finish();
        }
    }

    let mut verse = Trial::start(Verse);
    verse.expect_render("Zürich").expect_render("東京").expect_render("🧗").expect_end();
}

/// Test 15. Cramp wrote a raw space into whatever was under way. Each wire has its own way here,
/// and only a chunked body has no other than a space.
#[test]
fn a_connection_is_kept_alive_in_the_way_of_its_wire() {
    macro_rules! silent {
        ($($name:ident: $transport:ident,)*) => { $(
            #[action(transport = $transport, keep_alive = "5s")]
            struct $name;

            #[callbacks]
            impl $name {}
        )* };
    }
    silent! { Chunks: chunked, Events: sse, Socket: websocket, }

    let trials = [
        (Trial::start(Chunks), Heard::Chunk(b" ".to_vec())),
        (Trial::start(Events), Heard::Comment(String::new())),
        (Trial::start(Socket), Heard::Ping),
    ];
    for (mut silent, sign_of_life) in trials {
        silent.advance(seconds(10));
        assert_eq!(silent.heard(), [sign_of_life.clone(), sign_of_life]);
    }
}

#[action(transport = long_polling)]
struct Poll {
    diary: Diary,
}

#[callbacks]
impl Poll {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World");
    }

    #[on_finish]
    fn done(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("finished");
    }
}

/// Test 16.
#[test]
fn the_first_render_is_the_body_of_a_poll() {
    let mut poll = Trial::start(Poll { diary: Diary::default() });
    poll.expect_status(200).expect_render("Hello World").expect_end();
}

/// Test 17.
#[test]
fn a_poll_finishes_by_rendering() {
    let diary = Diary::default();
    Trial::start(Poll { diary: diary.clone() }).expect_finish(FinishReason::Finished);
    assert_eq!(diary.read(), ["finished"]);
}

/// Test 18. Cramp's `render` took a list too; here a list is a loop.
#[test]
fn a_list_is_rendered_in_its_order() {
    #[action(transport = chunked)]
    struct List;

    #[callbacks]
    impl List {
        #[on_start]
        fn say(&mut self, cx: &mut Context<Self>) {
            ["Camera", "Obscura"].into_iter().for_each(|word| cx.render(word));
            cx.finish();
        }
    }

    Trial::start(List).expect_render("Camera").expect_render("Obscura").expect_end();
}

#[action(transport = sse)]
struct Events;

#[callbacks]
impl Events {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World");
        cx.render(Event::new("Nothing").retry(Duration::from_millis(10)));
        cx.render(Event::new("Hello non-message event type").named("different"));
    }
}

/// Test 21.
#[test]
fn an_event_stream_says_so() {
    let mut events = Trial::start(Events);
    events.expect_status(200).expect_header("content-type", "text/event-stream; charset=utf-8");
}

/// Test 22. Cramp gave every event of a connection the same id; an event has one when its action
/// gives it one, because only that can be resumed from.
#[test]
fn an_event_has_its_name_and_its_retry() {
    let mut events = Trial::start(Events);
    events.expect_event("message", "Hello World");
    events.expect(Heard::Retry(Duration::from_millis(10)));
    events.expect(Heard::Event {
        name: "message".into(),
        id: String::new(),
        data: "Nothing".into(),
    });
    events.expect_event("different", "Hello non-message event type").expect_nothing();
}

/// Test 23, which Cramp dropped with its own WebSocket code.
#[test]
fn a_message_is_handed_over_once_as_text() {
    #[action(transport = websocket)]
    struct Echo;

    #[callbacks]
    impl Echo {
        #[on_data]
        fn received(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.render(format!("Got your {text}"));
        }
    }

    let mut echo = Trial::start(Echo);
    echo.expect_status(101).send("message").expect_render("Got your message").expect_nothing();
}
