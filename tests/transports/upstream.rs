//! The upstream half: a POST to an action that takes data, whatever transport it speaks down.

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};
use crampon_tests::on_every_transport;
use crampon_tests::stage::Stage;

use crate::{head, seconds};

on_every_transport! { chat:
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.diary.note("check");
        match cx.param_text("as").as_deref() {
            Some("nobody") => Err(Halt::new(401, "who are you?").header("x-mood", "wary")),
            _ => Ok(()),
        }
    }

    #[on_start]
    #[periodic_timer(every = "1s")]
    #[on_finish]
    fn never(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("never");
    }

    #[on_data]
    fn said(&mut self, cx: &mut Context<Self>, text: &str) -> Result<(), &'static str> {
        self.diary.note(format!("said {text:?} by {}", cx.transport()));
        match text {
            "echo" => cx.render("echo"),
            "echo twice" => ["echo", "echo"].into_iter().for_each(|word| cx.render(word)),
            "json" => cx.render(Event::json(&[1])),
            "created" => cx.set_status(201),
            "fail" => return Err("it broke"),
            "finish" => {
                cx.render("done");
                cx.finish();
            }
            "later" => cx.defer(|| "later").then(|this, cx, said| {
                this.diary.note("deferred");
                cx.render(said.expect("the work is done"));
            }),
            "later, nothing" => cx.defer(|| ()).then(|_, _, _| ()),
            "never" => drop(cx.after(Duration::from_secs(1), |this, _| this.diary.note("after"))),
            _ => {}
        }
        Ok(())
    }
}

fn say(stage: &Stage, text: &str) -> Trial {
    stage.world.post("/", text)
}

#[test]
fn what_is_posted_is_heard_and_answered_with_204() {
    for stage in chat::stages() {
        for text in ["hello", ""] {
            let mut speaker = say(&stage, text);
            speaker.advance(seconds(5)).expect_status(204).expect_end().expect_no_finish();
            assert!(head(&speaker).is_empty(), "{:?}", head(&speaker));
            stage.diary.expect(&["check", &format!("said {text:?} by regular")]);
        }
    }
}

#[test]
fn what_is_rendered_is_the_body_of_the_answer() {
    for stage in chat::stages() {
        for (text, body, content_type) in [
            ("echo", "echo", "text/html; charset=utf-8"),
            ("echo twice", "echoecho", "text/html; charset=utf-8"),
            ("json", "[1]", "application/json"),
            ("finish", "done", "text/html; charset=utf-8"),
        ] {
            let mut speaker = say(&stage, text);
            speaker.expect_status(200).expect_header("content-type", content_type);
            speaker.expect(Heard::Body(body.into())).expect_end();
        }
    }
}

#[test]
fn a_status_that_was_set_is_kept_though_nothing_was_rendered() {
    for stage in chat::stages() {
        say(&stage, "created").expect_status(201).expect_header("content-length", "0").expect_end();
    }
}

#[test]
fn before_start_may_refuse_and_nothing_was_said() {
    for stage in chat::stages() {
        let mut speaker = stage.world.post("/?as=nobody", "hello");
        speaker.expect_status(401).expect_header("x-mood", "wary");
        speaker.expect_render("who are you?").expect_end();
        stage.diary.expect(&["check"]);
    }
}

#[test]
fn a_deferred_answer_is_awaited() {
    for stage in chat::stages() {
        let mut speaker = say(&stage, "later");
        speaker.expect_nothing();
        speaker.advance(seconds(0)).expect_status(200).expect_render("later").expect_end();
        let mut speaker = say(&stage, "later, nothing");
        speaker.expect_nothing();
        speaker.advance(seconds(0)).expect_status(204).expect_end();
    }
}

/// Only work is waited for: a timer would go on for as long as it likes.
#[test]
fn a_timer_is_not_awaited() {
    for stage in chat::stages() {
        say(&stage, "never").expect_status(204).advance(seconds(5));
        stage.diary.expect(&["check", "said \"never\" by regular"]);
    }
}

#[test]
fn an_error_is_a_500_and_what_cannot_be_read_a_400() {
    for stage in chat::stages() {
        say(&stage, "fail").expect_status(500).expect_render("Something went wrong\n").expect_end();
        let mut speaker = stage.world.visit(Visit::post("/", b"\xff".to_vec()));
        speaker.expect_status(400).expect_render("the body is not UTF-8 from byte 0 on\n");
    }
}

#[test]
fn one_speaks_on_the_same_connection_again_and_again() {
    let [regular, ..] = chat::stages();
    let mut speaker = say(&regular, "hello");
    speaker.expect_status(204).expect_end();
    speaker.again(Visit::post("/", "echo")).expect_status(200).expect_render("echo").expect_end();
    speaker.again(Visit::post("/", "")).expect_status(204).expect_end();
}

on_every_transport! { deaf:
    #[before_start]
    fn check(&mut self, _cx: &mut Context<Self>) {
        self.diary.note("check");
    }
}

#[test]
fn an_action_without_on_data_takes_no_post() {
    for stage in deaf::stages() {
        let mut refused = say(&stage, "hello");
        refused.expect_status(405).expect_header("allow", "GET, HEAD");
        refused.expect_render("Method Not Allowed\n").expect_end();
        stage.diary.expect(&[]);
    }
}

#[test]
fn the_other_methods_are_not_taken_and_those_that_are_are_named() {
    for stage in chat::stages() {
        for method in ["PUT", "PATCH", "DELETE", "OPTIONS"] {
            let visit = Visit::new(method.parse().expect("it is a method"), "/");
            stage.world.visit(visit).expect_status(405).expect_header("allow", "GET, HEAD, POST");
        }
    }
}

/// The story the upstream half is for: events down, posts up, one class.
#[test]
fn a_chat_works_for_whoever_can_only_listen_and_post() {
    on_every_transport! { room:
        #[on_start]
        fn join(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("room");
        }

        #[on_data]
        fn said(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.publish("room", text);
        }
    }

    for stage in room::stages() {
        let mut listener = stage.visit();
        say(&stage, "hello").expect_status(204);
        listener.expect_render("hello");
    }
}

on_every_transport! { held:
    #[before_start]
    fn ask(&mut self, cx: &mut Context<Self>) {
        cx.hold();
        cx.defer(|| ()).then(|_, cx, _| cx.proceed());
    }

    #[on_data]
    fn said(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(format!("heard {text}"));
    }
}

#[test]
fn what_is_posted_waits_for_a_check_that_is_held() {
    for stage in held::stages() {
        let mut speaker = say(&stage, "hello");
        speaker.expect_nothing();
        speaker.advance(seconds(0)).expect_status(200).expect_render("heard hello").expect_end();
    }
}

/// A result in the middle of a body is not the last thing to come.
#[test]
fn a_body_taken_in_parts_is_taken_to_its_end() {
    #[action(transport = sse)]
    struct Upload(usize);

    #[callbacks]
    impl Upload {
        #[on_data(stream)]
        fn part(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
            self.0 += part.bytes.len();
            cx.defer(|| ()).then(|_, _, _| ());
            if part.is_last {
                cx.render(format!("{} bytes", self.0));
            }
        }
    }

    let mut upload = World::new(Routes::new().at("/", || Upload(0))).connect();
    upload.send_bytes(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 8\r\n\r\nhalf");
    upload.advance(seconds(1)).expect_nothing();
    upload.send_bytes(b"half");
    upload.advance(seconds(1)).expect_status(200).expect_render("8 bytes").expect_end();
}
