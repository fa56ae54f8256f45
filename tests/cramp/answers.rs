//! Tests 1 to 6: an answer's head and body, `before_start` that halts, `on_start`, `on_finish`.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

use super::Diary;

#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World");
        cx.finish();
    }
}

/// Test 1. Cramp also promised `Connection: keep-alive`, over a body that only a close could end;
/// here the length is known, and in HTTP/1.1 a connection lives on without a word.
#[test]
fn an_answer_is_200_and_html_and_of_known_length() {
    let mut hello = Trial::start(Hello);
    hello.expect_status(200).expect_header("content-type", "text/html; charset=utf-8");
    hello.expect_header("content-length", "11");
    assert_eq!(hello.header("connection"), None);
}

/// Test 2.
#[test]
fn what_is_rendered_is_the_body() {
    let mut hello = Trial::start(Hello);
    hello.expect(Heard::Body(b"Hello World".to_vec())).expect_end();
}

/// Beside test 1: what the header promised and Cramp's server did not keep.
#[test]
fn the_connection_serves_the_next_request_too() {
    let world = World::new(Routes::new().at("/", || Hello));
    let mut hello = world.get("/");
    hello.expect_render("Hello World").expect_end();
    hello.again(Visit::get("/")).expect_render("Hello World").expect_end();
}

/// Test 3.
#[test]
fn status_and_headers_are_the_actions_own() {
    #[action(transport = regular)]
    struct Created;

    #[callbacks]
    impl Created {
        #[before_start]
        fn respond_with(&mut self, cx: &mut Context<Self>) {
            cx.set_status(201);
            cx.set_header("content-type", "application/json");
        }

        #[on_start]
        fn answer(&mut self, cx: &mut Context<Self>) {
            cx.render("{}");
            cx.finish();
        }
    }

    let mut created = Trial::start(Created);
    created.expect_status(201).expect_header("content-type", "application/json");
    created.expect_render("{}").expect_end();
}

/// What the tests 4 to 6 ask: the square of a number that must be one.
#[action(transport = chunked)]
struct Square {
    diary: Diary,
}

#[callbacks]
impl Square {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let id: String = cx.param("id")?;
        match id.contains(|character: char| character.is_ascii_digit()) {
            true => Ok(()),
            false => Err(Halt::new(500, "Invalid ID").header("content-type", "text/plain")),
        }
    }

    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let id: u32 = cx.param("id")?;
        cx.render((id * id).to_string());
        cx.finish();
        Ok(())
    }

    #[on_finish]
    fn done(&mut self, cx: &mut Context<Self>) {
        self.diary.note(format!("finished {}", cx.param_text("id").unwrap_or_default()));
    }
}

fn ask(target: &str) -> (Trial, Diary) {
    let diary = Diary::default();
    let square = Square { diary: diary.clone() };
    (Trial::routed("/{id}", square, Visit::get(target)), diary)
}

/// Test 4.
#[test]
fn a_halt_is_answered_to_the_letter_and_nothing_else_runs() {
    let (mut square, diary) = ask("/bad");
    square.expect_status(500).expect_header("content-type", "text/plain");
    square.expect_render("Invalid ID").expect_end().expect_no_finish();
    assert!(diary.read().is_empty());
}

/// Test 5.
#[test]
fn on_start_renders_what_the_route_asks_for() {
    ask("/4").0.expect_status(200).expect_render("16").expect_end();
}

/// Test 6.
#[test]
fn on_finish_runs_once_and_still_knows_the_request() {
    let (mut square, diary) = ask("/4");
    square.expect_finish(FinishReason::Finished);
    assert_eq!(diary.read(), ["finished 4"]);
}
