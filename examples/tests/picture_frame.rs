//! The picture frame: whoever names a picture hangs it on every wall.

use std::time::Duration;

use crampon::protocol::sse::Event;
use crampon_tests::{Answer, Events, Example, Request};
use serde_json::{Value, json};

use crate::{expect_page, parsed, post_form};

/// Asks for a picture as the page does: with a form.
fn publish(frame: &Example, keyword: &str) -> Answer {
    post_form(frame, "/publish", &format!("keyword={keyword}"))
}

/// The next picture on a wall.
#[track_caller]
fn seen(wall: &mut Events) -> Value {
    let Event { event: name, data, .. } = wall.event();
    assert_eq!(name, "picture");
    parsed(&data)
}

#[test]
fn a_picture_is_hung_on_every_wall_and_answered_to_who_named_it() {
    let frame = Example::start("picture_frame", &[]);
    let mut walls = [(); 3].map(|()| frame.events("/pictures"));
    let answer = publish(&frame, "sunset");
    assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json"));
    let picture = parsed(answer.text());
    let url = "/album/mountain-sunset.svg";
    let expected = json!({ "keyword": "sunset", "url": url, "title": "mountain sunset" });
    assert_eq!(picture, expected);
    for wall in &mut walls {
        assert_eq!(seen(wall), picture);
    }

    let file = frame.get(url);
    assert_eq!((file.status(), file.header("content-type")), (200, "image/svg+xml; charset=utf-8"));
    expect_page(&frame, "new EventSource(\"/pictures\")");
    frame.stop();
}

#[test]
fn the_best_picture_has_most_of_the_words() {
    let frame = Example::start("picture_frame", &[]);
    for (keyword, url) in [
        ("SUNSET%21", "/album/mountain-sunset.svg"),
        ("the+mountains", "/album/mountain-sunset.svg"),
        ("sun", "/album/mountain-sunset.svg"),
        ("a+lighthouse+at+sea", "/album/lighthouse-at-sea.svg"),
        ("sea", "/album/boat-at-sea.svg"),
        ("at+night", "/album/city-at-night.svg"),
    ] {
        let answer = publish(&frame, keyword);
        assert_eq!(answer.status(), 200, "{keyword}");
        assert_eq!(parsed(answer.text())["url"], url, "{keyword}");
    }
    frame.stop();
}

#[test]
fn what_hangs_stays_when_nothing_is_found() {
    let frame = Example::start("picture_frame", &[]);
    let mut wall = frame.events("/pictures");
    let too_long = "sea".repeat(22);
    for (keyword, status, says) in [
        ("zebra", 404, "there is no picture of `zebra`\n"),
        ("at", 404, "there is no picture of `at`\n"),
        ("..%2Fsvg", 404, "there is no picture of `../svg`\n"),
        ("+", 400, "`keyword` has 1 to 64 bytes\n"),
        (&too_long, 400, "`keyword` has 1 to 64 bytes\n"),
    ] {
        let answer = publish(&frame, keyword);
        assert_eq!((answer.status(), answer.text()), (status, says));
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    }
    assert_eq!(post_form(&frame, "/publish", "picture=sea").status(), 400);
    assert_eq!(publish(&frame, "sushi").status(), 200);
    assert_eq!(seen(&mut wall)["keyword"], "sushi", "nothing was hung before");
    frame.stop();
}

#[test]
fn nobody_waits_for_the_search_but_who_asked() {
    let frame = Example::start("picture_frame", &["--latency", "2s"]);
    let mut asking = frame.connect();
    let form = "application/x-www-form-urlencoded";
    let keyword = Request::post("/publish", "keyword=rocket").header("content-type", form);
    asking.send(keyword.bytes());
    let mut wall = frame.events("/pictures");
    expect_page(&frame, "EventSource");
    assert!(!asking.hears_within(Duration::from_millis(1)), "the search is still on its way");
    let answer = asking.answer();
    assert_eq!(parsed(answer.text()), seen(&mut wall));
    frame.stop();
}

#[test]
fn who_arrives_sees_what_hangs_and_who_comes_back_what_it_missed() {
    let frame = Example::start("picture_frame", &[]);
    for keyword in ["sunset", "rocket"] {
        assert_eq!(publish(&frame, keyword).status(), 200);
    }
    let mut wall = frame.events("/pictures");
    let Event { id, data, .. } = wall.event();
    assert_eq!(parsed(&data)["keyword"], "rocket", "the last one hangs");
    drop(wall);
    for keyword in ["sea", "sushi"] {
        assert_eq!(publish(&frame, keyword).status(), 200);
    }
    let mut wall = frame.events_since("/pictures", id);
    assert_eq!(
        [seen(&mut wall), seen(&mut wall)].map(|seen| seen["keyword"].clone()),
        ["sea", "sushi"]
    );
    frame.stop();
}
