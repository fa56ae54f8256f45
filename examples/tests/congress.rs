//! Stream Congress: one feed, told alike on three transports, by whoever adds to it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crampon_tests::{Example, Request};
use serde_json::{Value, json};

use crate::{expect_page, parsed};

/// Three activities in a file of the test's own.
struct OwnFeed {
    path: PathBuf,
}

const THREE: &str = r#"{"chamber":"house","text":"one"}
{"chamber":"senate","text":"two"}
{"chamber":"house","text":"three"}
"#;

impl OwnFeed {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("stories-{}-{number}.jsonl", process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, THREE).expect("a folder for temporary files");
        Self { path }
    }

    fn start(&self, every: &str) -> Example {
        let path = self.path.to_str().expect("a path in UTF-8");
        Example::start("stream_congress", &["--feed", path, "--every", every])
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).expect("the feed is there")
    }

    fn append(&self, line: &str) {
        let mut file = fs::OpenOptions::new().append(true).open(&self.path).expect("the feed");
        file.write_all(line.as_bytes()).expect("room on the disk");
    }
}

impl Drop for OwnFeed {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[test]
fn the_live_actions_differ_in_one_word_and_their_names() {
    let story = include_str!("../stream_congress/main.rs");
    let (start, end) = (story.find("#[action").unwrap_or(0), story.find("fn main").unwrap_or(0));
    let actions = story[start..end].replace("LiveSocket", "Live").replace("LiveEvents", "Live");
    let actions: Vec<_> = actions.split("#[action(transport = ").skip(1).map(str::trim).collect();
    let [socket, events] = actions[..] else { panic!("the story has two actions") };
    assert_eq!(socket.strip_prefix("websocket"), events.strip_prefix("sse"));
}

#[test]
fn congress_is_told_alike_by_socket_by_events_and_by_poll() {
    let feed = OwnFeed::new();
    let congress = feed.start("900s");
    let mut socket = congress.open("/socket");
    let mut events = congress.events("/events");
    let mut polled = 0;
    let mut expect = |id: u64, chamber: &str, text: &str| {
        let activity = json!({"id": id, "chamber": chamber, "text": text});
        assert_eq!(parsed(&socket.text()), activity);
        let event = events.event();
        assert_eq!((event.event.as_str(), event.id), ("activity", id.to_string()));
        assert_eq!(parsed(&event.data), activity);
        let poll = congress.get(&format!("/poll?last-event-id={polled}"));
        assert_eq!(parsed(poll.text()), activity);
        polled = id;
    };
    expect(1, "house", "one");
    expect(2, "senate", "two");
    expect(3, "house", "three");
    // A post is told at once, long before the next quarter of an hour.
    let posted = congress.post("/activities", r#"{"chamber":"senate","text":"four"}"#);
    assert_eq!(posted.status(), 201, "{}", posted.text());
    expect(4, "senate", "four");
    assert!(feed.text().ends_with("{\"chamber\":\"senate\",\"text\":\"four\"}\n"));
    drop(socket);
    congress.stop();
}

#[test]
fn congress_tells_what_another_program_appends() {
    let feed = OwnFeed::new();
    let congress = feed.start("100ms");
    let mut events = congress.events_since("/events", 3);
    feed.append("{\"chamber\":\"house\",");
    feed.append(
        "\"text\":\"four\"}\nthis is no activity\n{\"chamber\":\"senate\",\"text\":\"six\"}",
    );
    let mut next = || {
        let event = events.event();
        (event.id, parsed(&event.data)["text"].clone())
    };
    assert_eq!(next(), ("4".to_owned(), json!("four")));
    // The sixth line is told once it has an end; a post gives it one.
    congress.post("/activities", r#"{"chamber":"house","text":"seven"}"#);
    assert_eq!(next(), ("6".to_owned(), json!("six")));
    assert_eq!(next(), ("7".to_owned(), json!("seven")));
    congress.stop();
}

#[test]
fn congress_goes_on_from_the_beginning_of_a_feed_that_was_cut_short() {
    let feed = OwnFeed::new();
    let congress = feed.start("900s");
    let mut events = congress.events_since("/events", 3);
    fs::write(&feed.path, "{\"chamber\":\"house\",\"text\":\"anew\"}\n").expect("the feed");
    let event = events.event();
    assert_eq!(event.id, "4", "ids go on");
    assert_eq!(parsed(&event.data), json!({"id": 4, "chamber": "house", "text": "anew"}));
    congress.stop();
}

#[test]
fn who_comes_back_to_congress_misses_nothing_and_sees_nothing_twice() {
    let feed = OwnFeed::new();
    let congress = feed.start("15s");
    assert_eq!(congress.events_since("/events", 1).event().id, "2");
    let socket = congress.open("/socket?last-event-id=2").text();
    assert_eq!(parsed(&socket)["id"], 3);
    assert_eq!(parsed(congress.get("/poll?last-event-id=2").text())["id"], 3);
    // An id that this feed never had is from another one.
    let mut stranger = congress.events_since("/events", 99);
    assert_eq!(stranger.event().id, "1");
    assert_eq!(congress.get("/events?last-event-id=yesterday").status(), 400);
    congress.stop();

    // Across a restart too.
    let congress = feed.start("15s");
    let mut events = congress.events_since("/events", 3);
    congress.post("/activities", r#"{"chamber":"house","text":"four"}"#);
    assert_eq!(events.event().id, "4");
    congress.stop();
}

#[test]
fn a_malformed_activity_is_refused_and_the_feed_stays_as_it_was() {
    let feed = OwnFeed::new();
    let congress = feed.start("15s");
    let long = format!(r#"{{"chamber":"house","text":"{}"}}"#, "x".repeat(281));
    for (body, reason) in [
        ("", "EOF"),
        ("the House met", "expected"),
        (r#"{"chamber":"house"}"#, "missing field `text`"),
        (r#"{"chamber":"court","text":"heard"}"#, "unknown variant `court`"),
        (r#"{"chamber":"house","text":7}"#, "invalid type"),
        (r#"{"chamber":"house","text":" "}"#, "`text` has 0 characters"),
        (long.as_str(), "`text` has 281 characters"),
    ] {
        let answer = congress.post("/activities", body);
        assert_eq!(answer.status(), 400, "{body}");
        assert!(answer.text().contains(reason), "{body}: {}", answer.text());
    }
    assert_eq!(congress.post("/activities", b"\xff\xfe").status(), 400);
    assert_eq!(feed.text(), THREE);
    congress.stop();
}

#[test]
fn activities_posted_at_once_do_not_interleave() {
    let feed = OwnFeed::new();
    let congress = feed.start("15s");
    let mut events = congress.events_since("/events", 3);
    let mut posts: Vec<_> = (0..POSTS)
        .map(|number| {
            let text = format!("{number} ").repeat(50);
            let body = json!({"chamber": "house", "text": text.trim()}).to_string();
            let mut post = congress.connect();
            post.send(Request::post("/activities", body).bytes());
            post
        })
        .collect();
    for post in &mut posts {
        assert_eq!(post.answer().status(), 201);
    }
    let lines = feed.text();
    let mut told: Vec<_> = lines.lines().skip(3).map(|line| parsed(line)["text"].clone()).collect();
    assert_eq!(told.len(), POSTS);
    for (line, text) in told.iter().enumerate() {
        let event = events.event();
        assert_eq!(event.id, (line + 4).to_string());
        assert_eq!(&parsed(&event.data)["text"], text);
    }
    told.sort_by_key(Value::to_string);
    told.dedup();
    assert_eq!(told.len(), POSTS, "each is there once");
    congress.stop();
}

/// Posts under way at once: more than there are threads to write them.
const POSTS: usize = 40;

#[test]
fn congress_starts_with_a_sample_and_a_page() {
    let congress = Example::start("stream_congress", &[]);
    let mut events = congress.events("/events");
    let ids: Vec<_> = (0..5).map(|_| events.event().id).collect();
    assert_eq!(ids, ["8", "9", "10", "11", "12"]);
    expect_page(&congress, "<title>Stream Congress</title>");
    congress.stop();
}
