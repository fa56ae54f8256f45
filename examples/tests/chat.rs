//! The chat: the same lines and the same guests on every transport, also after a tunnel.

use crampon_tests::{Example, Request, Socket};
use serde_json::{Value, json};

use crate::{expect_page, parsed, post_form};

/// Enters a room by a WebSocket with envelopes.
#[track_caller]
fn open(chat: &Example, path: &str) -> Socket {
    Socket::offering(chat.connect(), path, &["crampon.event.v1"])
}

/// The next event on a socket: its name, its data, its cursor.
#[track_caller]
fn hear(socket: &mut Socket) -> (String, Value, Option<String>) {
    loop {
        let item = parsed(&socket.text());
        // A position alone is nothing to show.
        if let (Some(event), Some(data)) = (item["event"].as_str(), item["data"].as_str()) {
            return (event.to_owned(), parsed(data), item["id"].as_str().map(str::to_owned));
        }
    }
}

/// The line that is heard next, and its cursor.
#[track_caller]
fn line(socket: &mut Socket) -> (Value, String) {
    let (event, line, cursor) = hear(socket);
    assert_eq!(event, "message");
    (line, cursor.expect("a line has a cursor"))
}

/// What is told next of who is there.
#[track_caller]
fn presence(socket: &mut Socket) -> Value {
    let (event, presence, _) = hear(socket);
    assert_eq!(event, "crampon.presence");
    presence
}

fn joins(nick: &str, transport: &str) -> Value {
    json!({ "presence": "join", "key": nick, "value": transport })
}

#[test]
fn a_chat_sounds_the_same_on_every_transport() {
    let chat = Example::start("chat", &[]);
    let mut ada = open(&chat, "/rooms/lobby?nick=ada");
    let alone = json!([{ "key": "ada", "value": "websocket" }]);
    assert_eq!(presence(&mut ada), json!({ "presence": "here", "members": alone }));
    ada.say("hello");
    let (hello, cursor) = line(&mut ada);
    assert_eq!(hello, json!({ "nick": "ada", "text": "hello" }));

    let mut bob = chat.events("/rooms/lobby?nick=bob");
    let (here, event) = (bob.event(), bob.event());
    assert_eq!(here.event, "crampon.presence");
    assert_eq!(parsed(&here.data)["members"][1], json!({ "key": "bob", "value": "sse" }));
    assert_eq!((parsed(&event.data), &event.id), (hello.clone(), &cursor));
    assert_eq!(presence(&mut ada), joins("bob", "sse"));

    let said = post_form(&chat, "/rooms/lobby?nick=bob", " good morning ");
    assert_eq!((said.status(), said.text()), (204, ""));
    let (morning, _) = line(&mut ada);
    assert_eq!(morning, json!({ "nick": "bob", "text": "good morning" }));
    assert_eq!(parsed(&bob.data()), morning);

    // A poll hears all there is, and goes on from there.
    let poll = Request::get("/rooms/lobby?nick=eve").header("accept", "application/json");
    let answer = chat.ask(&poll);
    let items = parsed(answer.text());
    let data = |at: usize| parsed(items[at]["data"].as_str().expect("data is text"));
    assert_eq!(data(0)["members"][2], json!({ "key": "eve", "value": "long_polling" }));
    assert_eq!([data(1), data(2)], [hello, morning.clone()]);
    assert_eq!(answer.header("last-event-id"), items[2]["id"].as_str().expect("a cursor"));

    // Who comes back hears what it missed, in its order.
    let mut back = chat.events_since("/rooms/lobby?nick=ada", &cursor);
    let heard = [back.data(), back.data(), back.data()].map(|data| parsed(&data));
    assert_eq!(heard[..2], [joins("bob", "sse"), morning]);
    drop((ada, bob));
    chat.stop();
}

#[test]
fn who_comes_out_of_a_tunnel_was_not_missed_and_missed_nothing() {
    let chat = Example::start("chat", &[]);
    let mut bob = open(&chat, "/rooms/lobby?nick=bob");
    presence(&mut bob);
    let mut ada = open(&chat, "/rooms/lobby?nick=ada");
    presence(&mut ada);
    assert_eq!(presence(&mut bob), joins("ada", "websocket"));
    bob.say("into the tunnel");
    let (_, cursor) = line(&mut ada);
    line(&mut bob);
    drop(ada);
    bob.say("are you there?");
    let asked = line(&mut bob);
    let mut ada = open(&chat, &format!("/rooms/lobby?nick=ada&last-event-id={cursor}"));
    assert_eq!(line(&mut ada), asked);
    ada.say("I am");
    assert_eq!(line(&mut bob), line(&mut ada), "nobody left and nobody joined");
    drop((ada, bob));
    chat.stop();
}

#[test]
fn a_chat_keeps_its_rooms_apart_and_its_nicks_short() {
    let chat = Example::start("chat", &[]);
    let mut attic = open(&chat, "/rooms/attic");
    assert_eq!(presence(&mut attic)["members"][0]["key"], json!("guest"));
    chat.post("/rooms/cellar?nick=eve", "can you hear me?");
    attic.say("  ");
    attic.say("who is there?");
    assert_eq!(line(&mut attic).0, json!({ "nick": "guest", "text": "who is there?" }));
    drop(attic);
    for (target, status) in [
        ("/rooms/attic?nick=", 400),
        ("/rooms/attic?nick=a-nick-that-is-longer-than-thirty-two", 400),
        ("/rooms/", 404),
    ] {
        assert_eq!(chat.get(target).status(), status, "{target}");
    }
    let mut late = chat.events_since("/rooms/attic", "yesterday");
    let gap = late.event();
    assert_eq!((&*gap.event, &parsed(&gap.data)["reason"]), ("crampon.gap", &json!("malformed")));
    expect_page(&chat, "long_polling");
    drop(late);
    chat.stop();
}
